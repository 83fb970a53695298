// What a platform keeps for fnmesh, and how it gets there: every resource is read first and compared with what it shall
// be, so a deploy or a remove that was interrupted is simply done again, and one that changes nothing calls nothing.
// What is to be done is decided before anything is done (`diff`); `deploy` and `remove` act.

import { FnmeshError } from "@fnmesh/core";

/** What a person would recognise of a resource, by name: `memory: "512 MB"`, `code: "sha256 …"`. No secrets. */
export type Facts = Readonly<Record<string, string | number | boolean>>;

export interface Found {
  readonly facts: Facts;
  /** Whether fnmesh has made it (by its tag or label). What is not ours is neither changed nor removed. */
  readonly ours: boolean;
}

/** One thing on a platform. All verbs reject with an FnmeshError, and may be called again after they did. */
export interface Resource {
  /** "role", "function", "log group". */
  readonly kind: string;
  readonly name: string;
  /**
   * Every fact that `read` tells and that shall be otherwise is changed. Undefined: other settings have made it, and with
   * these it shall be there no more.
   */
  readonly wanted: Facts | undefined;
  /** Undefined: it is not there. */
  read(signal: AbortSignal): Promise<Found | undefined>;
  /** Resolves when it can be used. */
  create(signal: AbortSignal): Promise<void>;
  /** `changed`: the names of the facts that differ. Resolves when it can be used. */
  update(changed: readonly string[], signal: AbortSignal): Promise<void>;
  /** One that is gone already is removed. */
  remove(signal: AbortSignal): Promise<void>;
}

export interface Change {
  readonly fact: string;
  /** Undefined: the platform does not tell, or there was nothing. */
  readonly from: Facts[string] | undefined;
  readonly to: Facts[string];
}

export type Action = "create" | "update" | "keep" | "remove";

export interface Step {
  readonly action: Action;
  readonly kind: string;
  readonly name: string;
  /** Of an update. */
  readonly changes: readonly Change[];
}

/** What is there of ours. */
export interface Listed {
  readonly kind: string;
  readonly name: string;
  readonly facts: Facts;
}

export interface ActOptions {
  readonly signal: AbortSignal;
  /** Before each step that does something. */
  readonly onStep?: (step: Step) => void;
}

/** What `deploy` would do now, in its order. Changes nothing. Rejects with DEPLOY_FAILED for a name that is taken. */
export async function diff(resources: readonly Resource[], signal: AbortSignal): Promise<readonly Step[]> {
  const steps: Step[] = [];
  for (const resource of inOrder(resources)) {
    signal.throwIfAborted();
    const step = stepFor(resource, await look(resource, signal));
    if (step !== undefined) steps.push(step);
  }
  return steps;
}

/**
 * Makes what is missing, changes what differs, and then removes what is ours and not wanted any more. Each resource is
 * read right before it is changed. Returns what was done, with what was kept.
 *
 * @example
 * const steps = await deploy(resources, { signal, onStep: ({ action, kind, name }) => console.error(action, kind, name) });
 */
export async function deploy(
  resources: readonly Resource[],
  { signal, onStep = () => {} }: ActOptions,
): Promise<readonly Step[]> {
  // A name that is taken shows before anything is made.
  await diff(resources, signal);
  const done: Step[] = [];
  for (const resource of inOrder(resources)) {
    signal.throwIfAborted();
    const step = stepFor(resource, await look(resource, signal));
    if (step === undefined) continue;
    if (step.action !== "keep") onStep(step);
    if (step.action === "remove") await resource.remove(signal);
    if (step.action === "create") await resource.create(signal);
    if (step.action === "update") {
      await resource.update(
        step.changes.map(({ fact }) => fact),
        signal,
      );
    }
    done.push(step);
  }
  return done;
}

/** Removes all that is ours, last made first. Returns what was removed. */
export async function remove(
  resources: readonly Resource[],
  { signal, onStep = () => {} }: ActOptions,
): Promise<readonly Step[]> {
  const done: Step[] = [];
  for (const resource of [...resources].reverse()) {
    signal.throwIfAborted();
    const found = await look(resource, signal);
    if (found === undefined || !found.ours) continue;
    const step = removalOf(resource);
    onStep(step);
    await resource.remove(signal);
    done.push(step);
  }
  return done;
}

/** What is there of ours now. */
export async function survey(
  resources: readonly Resource[],
  signal: AbortSignal,
): Promise<readonly Listed[]> {
  const listed: Listed[] = [];
  for (const resource of resources) {
    signal.throwIfAborted();
    const { kind, name } = resource;
    const found = await look(resource, signal);
    if (found?.ours) listed.push({ kind, name, facts: found.facts });
  }
  return listed;
}

/** What is not wanted goes last, when nothing uses it any more. */
function inOrder(resources: readonly Resource[]): readonly Resource[] {
  const isWanted = ({ wanted }: Resource) => wanted !== undefined;
  return [...resources.filter(isWanted), ...resources.filter((each) => !isWanted(each)).reverse()];
}

async function look(resource: Resource, signal: AbortSignal): Promise<Found | undefined> {
  if (resource.wanted !== undefined) return await resource.read(signal);
  try {
    return await resource.read(signal);
  } catch (thrown) {
    // Settings that need no such thing must need no right to look at one: who has not that right has not made it.
    if (thrown instanceof FnmeshError && thrown.code === "PLATFORM_AUTH") return undefined;
    throw thrown;
  }
}

const removalOf = ({ kind, name }: Resource): Step => ({ action: "remove", kind, name, changes: [] });

/** Undefined: it is not there, or a stranger's, and that is right. */
function stepFor(resource: Resource, found: Found | undefined): Step | undefined {
  const { kind, name, wanted } = resource;
  if (wanted === undefined) return found?.ours ? removalOf(resource) : undefined;
  if (found === undefined) return { action: "create", kind, name, changes: [] };
  if (!found.ours) {
    throw new FnmeshError("DEPLOY_FAILED", `there is a ${kind} ${name} already, and fnmesh has not made it`, {
      hint: "Choose another --stage, or remove it yourself if nothing needs it.",
    });
  }
  const changes = Object.entries(wanted)
    .map(([fact, to]): Change => ({ fact, from: found.facts[fact], to }))
    .filter(({ from, to }) => from !== to);
  return { action: changes.length === 0 ? "keep" : "update", kind, name, changes };
}
