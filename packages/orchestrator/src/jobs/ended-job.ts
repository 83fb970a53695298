// What stays of a job that has ended: its last picture and its report, and nothing of what it needed to run.

import type { JobHandle, JobReport, JobSnapshot } from "./job.ts";

export function endedJob(snapshot: JobSnapshot, report: JobReport): JobHandle {
  const done = Promise.resolve(report);
  return {
    id: snapshot.id,
    snapshot: () => snapshot,
    subscribe: (listener) => {
      let listening = true;
      queueMicrotask(() => listening && listener({ type: "end", report }));
      return () => {
        listening = false;
      };
    },
    report: done,
    cancel: () => done,
  };
}
