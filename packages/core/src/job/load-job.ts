// A job's bundled module, from its text to the job: imported from a `data:` URL, so that no file stays behind. Stack
// traces name the user's own source lines: the module has a short name instead of its URL, and the inline source map
// is kept aside and read when there is an error to explain.

import { FnmeshError, toFnmeshError } from "../errors/errors.ts";
import type { OpenInput } from "../source/source.ts";
import type { StoreDrivers } from "../store/store.ts";
import type { Job } from "./job.ts";
import { cutSourceMap, type StackMapper, stackMapper } from "./stack.ts";

/** What a job's code brings along beside the job. */
export interface JobDrivers {
  /** For its channel. */
  readonly stores?: StoreDrivers | undefined;
  /** For its input. */
  readonly openInput?: OpenInput | undefined;
}

export interface LoadedJob extends Job, JobDrivers {}

interface JobModule extends JobDrivers {
  readonly default?: unknown;
}

/** Codes with which Node says that an import leads nowhere. */
const unresolved: ReadonlySet<unknown> = new Set([
  "ERR_MODULE_NOT_FOUND",
  "ERR_UNSUPPORTED_RESOLVE_REQUEST",
  "ERR_UNKNOWN_BUILTIN_MODULE",
  "ERR_UNSUPPORTED_ESM_URL_SCHEME",
]);

/**
 * Loads a job. The same text is loaded once in a process: in a warm container its module state stays, as on any
 * function platform. Errors that `run` throws come with the lines of the user's sources in their stacks.
 * Rejects with JOB_COMPILE, JOB_THREW (by the module itself), or JOB_INVALID.
 *
 * @param code one ES module, with or without an inline source map
 * @param hash of the code; names it in stack traces
 */
export async function loadJob(code: string, hash: string): Promise<LoadedJob> {
  const name = `fnmesh-job-${hash.slice(0, 12)}.mjs`;
  const { text, map } = cutSourceMap(code);
  const url = urlOf(text, name);
  const mapStacks = stackMapper({ name, url, map });
  const module = await importModule(url, name, mapStacks);
  const job = checkJob(module.default);
  return {
    ...(job.name === undefined ? {} : { name: job.name }),
    fnmesh: 1,
    stores: module.stores,
    openInput: module.openInput,
    async run(worker) {
      // What is thrown where nobody waits for it ends the worker from outside.
      const { signal } = worker;
      signal.addEventListener("abort", () => mapStacks(signal.reason), { once: true });
      try {
        return await job.run(worker);
      } catch (thrown) {
        mapStacks(thrown);
        throw thrown;
      }
    },
  };
}

/** What goes with a job apart from its code: fnmesh's own, without a source map. */
export const loadModule = (text: string, hash: string): Promise<object> =>
  import(urlOf(text, `fnmesh-module-${hash.slice(0, 12)}.mjs`));

/** The module gives itself a short name for stack traces. */
const urlOf = (text: string, name: string): string =>
  `data:text/javascript;base64,${Buffer.from(`${text}\n//# sourceURL=${name}\n`).toString("base64")}`;

async function importModule(url: string, name: string, mapStacks: StackMapper): Promise<JobModule> {
  try {
    return (await import(url)) as JobModule;
  } catch (thrown) {
    if (isLinkError(thrown, [name, url])) throw compileError(thrown as Error, url, name);
    mapStacks(thrown);
    throw moduleError(thrown);
  }
}

/** Whether the module was refused before any of its code ran: then no frame of it is on the stack. */
function isLinkError(thrown: unknown, names: readonly string[]): boolean {
  if (!(thrown instanceof Error)) return false;
  if (unresolved.has((thrown as NodeJS.ErrnoException).code)) return true;
  const frames = (thrown.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  const ran = frames.some((line) => names.some((name) => line.includes(name)));
  return thrown instanceof SyntaxError && !ran;
}

function compileError(thrown: Error, url: string, name: string): FnmeshError {
  const message = thrown.message.replaceAll(url, name);
  return new FnmeshError("JOB_COMPILE", `the job's module cannot be loaded: ${message}`, {
    hint: "Import packages by literal names, and let `fnmesh run` bundle the job.",
  });
}

const moduleError = (thrown: unknown): FnmeshError =>
  toFnmeshError(thrown, "JOB_THREW", {
    hint: "The error was thrown while the module was loaded, before run() was called.",
  });

function checkJob(value: unknown): Job {
  const job = value as Partial<Job> | null | undefined;
  if (job?.fnmesh === 1 && typeof job.run === "function") return job as Job;
  throw new FnmeshError("JOB_INVALID", `the module's default export is ${describe(value)}`, {
    hint: "Write `export default defineJob({ async run(worker) { … } })`, with defineJob from the fnmesh that runs it.",
  });
}

function describe(value: unknown): string {
  if (value === undefined) return "missing";
  if (typeof value !== "object" || value === null)
    return `a ${value === null ? "null" : typeof value}, not a job`;
  const { fnmesh } = value as { fnmesh?: unknown };
  if (fnmesh === undefined) return "an object that defineJob did not make";
  return fnmesh === 1 ? "a job without a run function" : `a job for another version of fnmesh (${fnmesh})`;
}
