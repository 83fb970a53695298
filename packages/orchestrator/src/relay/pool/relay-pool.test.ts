import { expect, test } from "vitest";
import { embeddedRelay } from "../../routing/pair-routes.ts";
import { RelayPool } from "./relay-pool.ts";

const address = (id: string) => ({ id, host: "192.0.2.1", port: 7000 });
const poolOf = (...ids: string[]) => {
  const pool = new RelayPool();
  for (const id of ids) pool.add(address(id));
  return pool;
};
const idOf = (taken: ReturnType<ReturnType<RelayPool["forJob"]>["take"]>) =>
  typeof taken === "object" ? taken.id : taken;

test("without any, the orchestrator's own serves, once for each pair", () => {
  const relays = new RelayPool().forJob();
  expect(relays.take([])).toBe(embeddedRelay);
  expect(relays.take([embeddedRelay])).toBeUndefined();
});

test("a job is told how many servers stand by, as they come and go", () => {
  const pool = poolOf("a", "b");
  const relays = pool.forJob();
  expect(relays.servers).toBe(2);
  pool.remove("a");
  expect(relays.servers).toBe(1);
});

test("pairs are spread by how many each relay has, over all jobs", () => {
  const pool = poolOf("a", "b");
  const [one, other] = [pool.forJob(), pool.forJob()];
  const taken = [one, other, one, other].map((job) => idOf(job.take([])));
  expect(taken.sort()).toEqual(["a", "a", "b", "b"]);
  one.giveBack("a");
  expect(other.leastPairs()).toBe(1);
  expect(idOf(other.take([]))).toBe("a");
});

test("of two with as many pairs, the one that passes on less is taken", () => {
  const pool = poolOf("a", "b");
  pool.busy("a", 1_000_000);
  pool.busy("gone", 5);
  expect(idOf(pool.forJob().take([]))).toBe("b");
});

test("a pair gets each relay once, the orchestrator's own last", () => {
  const relays = poolOf("a", "b").forJob();
  const tried: string[] = [];
  for (let next = relays.take(tried); next !== undefined; next = relays.take(tried)) tried.push(idOf(next)!);
  expect(tried).toEqual(["a", "b", embeddedRelay]);
});

test("one that leaves is taken no more, and has its pairs still when it comes back", () => {
  const pool = poolOf("a", "b");
  const relays = pool.forJob();
  relays.take([]);
  pool.remove("a");
  expect(idOf(relays.take([]))).toBe("b");
  expect(idOf(relays.take([]))).toBe("b");
  pool.add(address("a"));
  expect(idOf(relays.take([]))).toBe("a");
});

test("a job that ends gives back what it has, and no more", () => {
  const pool = poolOf("a");
  const [one, other] = [pool.forJob(), pool.forJob()];
  for (const job of [one, one, other]) job.take([]);
  one.giveBack("a");
  one.end();
  one.end();
  one.giveBack("a");
  expect(pool.pairs).toEqual({ a: 1 });
});
