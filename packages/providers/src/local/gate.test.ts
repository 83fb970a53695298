import { expect, it } from "vitest";
import { createGate } from "./gate.ts";

const never = new AbortController().signal;
const settle = () => new Promise(setImmediate);

it("lets so many in, and the next in order when one leaves", async () => {
  const gate = createGate(2);
  const entered: number[] = [];
  const leave = new Map<number, () => void>();
  for (const id of [0, 1, 2, 3]) {
    void gate.enter(never).then((out) => {
      entered.push(id);
      leave.set(id, out);
    });
  }
  await settle();
  expect(entered).toEqual([0, 1]);
  leave.get(1)!();
  leave.get(1)!();
  await settle();
  expect(entered).toEqual([0, 1, 2]);
  leave.get(0)!();
  await settle();
  expect(entered).toEqual([0, 1, 2, 3]);
});

it("forgets who gave up waiting", async () => {
  const gate = createGate(1);
  const leave = await gate.enter(never);
  const impatient = new AbortController();
  const second = gate.enter(impatient.signal);
  const third = gate.enter(never);
  impatient.abort();
  await expect(second).rejects.toMatchObject({ code: "CANCELLED" });
  leave();
  (await third)();
  await expect(gate.enter(AbortSignal.abort())).rejects.toMatchObject({ code: "CANCELLED" });
  await gate.enter(never);
});
