import { createTestLog } from "@fnmesh/core/testing";
import { expect, test } from "vitest";
import { JobMachine, type Performers } from "./job-machine.ts";
import { queuedJob } from "./job-state.ts";

function setUp(change: Partial<Performers>) {
  const log = createTestLog();
  const performed: string[] = [];
  const note = (effect: { readonly type: string }) => performed.push(effect.type);
  const performers = {
    ...{ launch: note, farewell: note, settle: note, commit: note, dismiss: note },
    ...{ abort: note, stop: note, discard: note, end: note },
    ...change,
  };
  const initial = queuedJob(1, { memoryMb: 128, timeoutMs: 1000 });
  const machine = new JobMachine({ initial, performers, log, onStep: () => performed.push("step") });
  return { machine, log, performed };
}

test("an event out of an effect waits until the effects before it are done", () => {
  const { machine, performed } = setUp({
    abort: () => machine.dispatch({ type: "stopped" }),
    stop: () => machine.dispatch({ type: "cleaned" }),
  });
  machine.dispatch({ type: "cancel", reason: "x" });
  expect(performed).toEqual(["discard", "end", "step"]);
  expect(machine.state.phase).toBe("ended");
});

test("a defect in one effect does not keep the others from being done", () => {
  const { machine, performed, log } = setUp({
    abort: () => {
      throw new Error("a defect");
    },
  });
  machine.dispatch({ type: "cancel", reason: "x" });
  expect(performed).toEqual(["stop", "discard", "step"]);
  expect(log.messages("error")).toHaveLength(1);
});
