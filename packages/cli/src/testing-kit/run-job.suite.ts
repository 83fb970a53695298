// What several tests of the kit have in common.

import { defineJob } from "@fnmesh/core";
import type { FailedJobError } from "./index.ts";

/** Each tells the next one its rank. */
export const ring = defineJob({
  name: "ring",
  async run({ rank, size, send, receive }) {
    await send((rank + 1) % size, rank);
    return (await receive<number>()).value;
  },
});

export const errorOf = (run: Promise<unknown>): Promise<FailedJobError> =>
  run.then(
    () => {
      throw new Error("the job has not failed");
    },
    (error: FailedJobError) => error,
  );
