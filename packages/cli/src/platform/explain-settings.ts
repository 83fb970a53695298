// Where each setting of a platform is from. The platform alone knows how its section and the environment make its
// settings, so it is asked several times: with a part left out, what changes was from that part. Pure.

import type { Platform } from "@fnmesh/providers";
import type { Entry, Source } from "../config/merge.ts";

export interface Given {
  readonly section: unknown;
  readonly stage: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where the file's word on a setting stands. */
  readonly sourceOf: (setting: string) => Source;
}

type Flat = ReadonlyMap<string, string>;

/** Throws INVALID_ARGUMENT, as the platform does. */
export function explainSettings(
  { name, settings }: Pick<Platform, "name" | "settings">,
  given: Given,
): Entry[] {
  const { section, stage, sourceOf } = given;
  const { environment, read } = watched(given.environment);
  const inForce = flatten(settings(section, { stage, environment }));
  /** What would be in force with one part less; undefined where that is not enough. */
  const without = (part: { section?: unknown; environment?: Given["environment"] }): Flat | undefined => {
    try {
      return flatten(settings(section, { stage, environment, ...part }));
    } catch {
      return undefined; // It needs what was left out: so that is where the setting is from.
    }
  };
  const sections = Object.entries((section ?? {}) as Readonly<Record<string, unknown>>);
  const parts: [Source, Flat | undefined][] = [
    ...[...read()].map((variable): [Source, Flat | undefined] => [
      { kind: "environment", variable },
      without({ environment: { ...given.environment, [variable]: undefined } }),
    ]),
    ...sections.map(([field]): [Source, Flat | undefined] => [
      sourceOf(`${name}.${field}`),
      without({ section: Object.fromEntries(sections.filter(([each]) => each !== field)) }),
    ]),
  ];
  return [...inForce].map(([path, value]) => {
    const setting = `${name}.${path}`;
    // What cannot do without a part says so by its own name: the part is where it is from.
    const named = sections.find(([field]) => field === path.split(".")[0]);
    const changed = parts.find(([, flat]) => flat !== undefined && flat.get(path) !== value);
    // And what cannot do without a variable, by having its value.
    const needed = parts.find(
      ([source, flat]) =>
        flat === undefined && source.kind === "environment" && given.environment[source.variable] === value,
    );
    const fromFile = named === undefined ? undefined : sourceOf(`${name}.${named[0]}`);
    const from = changed?.[0] ?? fromFile ?? needed?.[0] ?? { kind: "default" };
    return { name: setting, value, from };
  });
}

/** The same environment, and which of its variables have been looked at and are set. */
function watched(environment: Given["environment"]) {
  const seen = new Set<string>();
  const get = (target: Given["environment"], name: string | symbol) => {
    const value = target[name as string];
    if (typeof name === "string" && value !== undefined && value !== "") seen.add(name);
    return value;
  };
  return { environment: new Proxy(environment, { get }), read: () => seen };
}

/** `{ vpc: { subnets: ["a"] } }` is `vpc.subnets: ["a"]`. */
function flatten(value: unknown, path = ""): Flat {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return value === undefined ? new Map() : new Map([[path, textOf(value)]]);
  }
  return new Map(
    Object.entries(value).flatMap(([key, each]) => [...flatten(each, path === "" ? key : `${path}.${key}`)]),
  );
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
