// Makes a job of what the user defined. This goes with the job's code, so it is small: what takes more comes from the
// library, to the workers that need it.

import { libraryOf } from "@fnmesh/core/library";
import type { Group } from "../group/group.ts";
import { runEndings } from "./endings.ts";
import type { Job, JobDefinition, ParamsSchema, RuntimeWorker, Worker } from "./job.ts";

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
      const params = await checkedParams(runtime, definition.params);
      const worker = workerOf(runtime, params);
      try {
        return await definition.run(worker);
      } finally {
        runEndings(worker);
      }
    },
  };
}

/** Each returns a promise, so the first of them may wait for the library. */
const collectives = [
  "split",
  "broadcast",
  "scatter",
  "gather",
  "allGather",
  "reduce",
  "allReduce",
  "reduceScatter",
  "scan",
  "exscan",
  "allToAll",
] as const satisfies readonly (keyof Group)[];

type Collectives = Pick<Group, (typeof collectives)[number]>;
type Collective = (...given: readonly unknown[]) => Promise<unknown>;

/** The runtime's worker with the group of all workers. */
export function workerOf<Params>(worker: RuntimeWorker, params: Params): Worker<Params> {
  const { rank, size, peers } = worker;
  const members = Array.from({ length: size }, (_, other) => other);
  let world: Promise<Group> | undefined;
  // Calls that wait for one promise go on in their order, as collectives have to.
  const late =
    (name: keyof Collectives): Collective =>
    async (...given) => {
      world ??= libraryOf(peers).then((library) => library.worldOf(peers, { rank, members }));
      return await ((await world)[name] as Collective)(...given);
    };
  const { send, receive, openStream, readStream } = peers;
  const made: Worker<Params> = {
    ...worker,
    ...(Object.fromEntries(collectives.map((name) => [name, late(name)])) as unknown as Collectives),
    members,
    params,
    send,
    receive,
    openStream,
    readStream,
    scratch: async () => (await libraryOf(peers)).scratchOf(made),
  };
  return made;
}

async function checkedParams<Params>(
  { params, peers }: RuntimeWorker,
  schema: ParamsSchema<Params> | undefined,
): Promise<Params> {
  if (schema === undefined) return params as Params;
  const result = await schema["~standard"].validate(params);
  if (result.issues === undefined) return result.value;
  throw (await libraryOf(peers)).wrongParams(result.issues);
}
