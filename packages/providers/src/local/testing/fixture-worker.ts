// A worker without core: the local runtime with a handler that behaves as the invocation's job name says. Built to a
// file by fixture-entry.ts.

import { serve } from "../runtime.ts";

const forever = () => new Promise<void>((resolve) => setTimeout(resolve, 2 ** 31 - 1));
const blockTheLoop = () => {
  for (;;);
};

const behaviours: Readonly<Record<string, (rank: number) => Promise<void> | void>> = {
  completes: () => {},
  prints: (rank) => {
    console.log(`out of ${rank}`);
    process.stderr.write(`err of ${rank} ü`);
  },
  throws: () => Promise.reject(new TypeError("the job is broken")),
  "throws where nobody awaits": () => {
    setImmediate(() => {
      throw new RangeError("thrown aside");
    });
    return forever();
  },
  "rejects where nobody awaits": () => {
    void Promise.reject(new Error("rejected aside"));
    return forever();
  },
  "exits with 3": () => {
    console.error("last words");
    process.exit(3);
  },
  "exits with 0": () => process.exit(0),
  "kills itself": () => void process.kill(process.pid, "SIGKILL"),
  hangs: forever,
  "blocks the loop": blockTheLoop,
  "says started, then blocks the loop": () => {
    console.log(`started ${process.pid}`);
    blockTheLoop();
  },
  "fills the heap": () => {
    const kept: object[] = [];
    for (;;) kept.push({ at: kept.length, text: String(kept.length) });
  },
  "fills buffers": async () => {
    const kept: Buffer[] = [];
    for (;;) {
      kept.push(Buffer.alloc(8 * 1024 * 1024, 1));
      await new Promise(setImmediate);
    }
  },
};

serve(async ({ job, rank }) => {
  await behaviours[job]!(rank);
});
