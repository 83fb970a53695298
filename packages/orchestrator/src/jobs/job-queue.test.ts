import { expect, test } from "vitest";
import { nextToStart } from "./job-queue.ts";

const job = (id: string, workers: number, provider = "local") => ({ id, workers, provider });
const ids = (jobs: readonly { id: string }[]) => jobs.map(({ id }) => id);
const room = () => 10;

test("as many start as fit, in order", () => {
  const queued = [job("a", 4), job("b", 4), job("c", 4)];
  expect(ids(nextToStart(queued, new Map(), room))).toEqual(["a", "b"]);
  expect(ids(nextToStart(queued, new Map([["local", 6]]), room))).toEqual(["a"]);
});

test("a small job does not overtake a large one, but another provider's does", () => {
  const queued = [job("large", 10), job("small", 1), job("elsewhere", 1, "cloud")];
  expect(ids(nextToStart(queued, new Map([["local", 1]]), room))).toEqual(["elsewhere"]);
});
