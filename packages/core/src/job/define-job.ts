// Makes a job of what the user defined. This goes with the job's code, and with it the collectives: a function's runtime
// has neither.

import { rmSync } from "node:fs";
import { FnmeshError } from "../errors/errors.ts";
import { createGroup, newRoots } from "../group/create-group.ts";
import { innerOf } from "../peers/inner.ts";
import { atEnd, runEndings } from "./endings.ts";
import type { Job, JobDefinition, ParamsSchema, RuntimeWorker, SchemaIssue, Worker } from "./job.ts";
import { openScratch } from "./scratch.ts";

/**
 * Defines a job; make it the module's default export.
 *
 * @example
 * export default defineJob({
 *   async run({ rank, size, send, receive }) {
 *     await send((rank + 1) % size, `hello from ${rank}`);
 *     return (await receive<string>()).value;
 *   },
 * });
 */
export function defineJob<Result, Params = Readonly<Record<string, string>>>(
  definition: JobDefinition<Result, Params>,
): Job<Result> {
  return {
    fnmesh: 1,
    ...(definition.name === undefined ? {} : { name: definition.name }),
    async run(runtime) {
      const params = await checkedParams(runtime.params, definition.params);
      const worker = workerOf(runtime, params);
      try {
        return await definition.run(worker);
      } finally {
        runEndings(worker);
      }
    },
  };
}

/** The runtime's worker with the group of all workers. */
export function workerOf<Params>(worker: RuntimeWorker, params: Params): Worker<Params> {
  const { rank, size, peers } = worker;
  const members = Array.from({ length: size }, (_, other) => other);
  const world = createGroup(newRoots(innerOf(peers)), { rank, members, context: 0 });
  const { send, receive, openStream, readStream } = peers;
  const made: Worker<Params> = {
    ...world,
    ...worker,
    params,
    send,
    receive,
    openStream,
    readStream,
    scratch: () => scratchOf(made),
  };
  return made;
}

async function scratchOf(worker: object): Promise<string> {
  const folder = await openScratch();
  atEnd(worker, () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function checkedParams<Params>(
  given: RuntimeWorker["params"],
  schema: ParamsSchema<Params> | undefined,
): Promise<Params> {
  if (schema === undefined) return given as Params;
  const result = await schema["~standard"].validate(given);
  if (result.issues === undefined) return result.value;
  throw new FnmeshError(
    "INVALID_ARGUMENT",
    `the job's parameters are wrong: ${result.issues.map(told).join("; ")}`,
    {
      hint: "Give them as --param NAME=VALUE.",
    },
  );
}

function told({ message, path = [] }: SchemaIssue): string {
  const names = path.map((step) => String(typeof step === "object" ? step.key : step));
  return names.length === 0 ? message : `${names.join(".")}: ${message}`;
}
