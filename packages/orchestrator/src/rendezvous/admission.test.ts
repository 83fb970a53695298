import { describe, expect, test } from "vitest";
import { Admission, type AdmissionLimits } from "./admission.ts";

const limits: AdmissionLimits = {
  connections: 100,
  pendingPerAddress: 4,
  pendingPerSuspect: 1,
  failureBudget: 3,
  failuresPerSecond: 1,
};
const nat = "192.0.2.1";

function setUp(change: Partial<AdmissionLimits> = {}) {
  const admission = new Admission({ ...limits, ...change });
  let id = 0;
  const arrive = (address = nat, { workers = 0, now = 0 } = {}) => {
    id += 1;
    return { id, verdict: admission.arrive(id, address, workers, now) };
  };
  const fail = (now = 0) => {
    const one = arrive(nat, { now }).id;
    admission.failed(one, now);
    admission.left(one);
  };
  return { admission, arrive, fail };
}

describe("an address whose places are taken", () => {
  test("loses its oldest silent connection to the newest, and each only once", () => {
    const { arrive } = setUp();
    const oldest = Array.from({ length: 4 }, () => arrive().id);
    expect(arrive().verdict).toEqual({ admit: true, evict: oldest[0] });
    expect(arrive().verdict).toEqual({ admit: true, evict: oldest[1] });
  });

  test("does not lose what has proved who it is", () => {
    const { admission, arrive } = setUp();
    for (let count = 0; count < 20; count++) {
      const { id, verdict } = arrive();
      expect(verdict).toEqual({ admit: true });
      admission.proved(id);
    }
    expect(admission.pending).toBe(0);
  });

  test("has places for the workers that are expected, on top", () => {
    const { arrive } = setUp();
    const verdicts = Array.from({ length: 10 }, () => arrive(nat, { workers: 6 }).verdict);
    expect(verdicts).toEqual(verdicts.map(() => ({ admit: true })));
    expect(arrive(nat, { workers: 6 }).verdict).toHaveProperty("evict");
  });

  test("takes nothing from another address", () => {
    const { arrive } = setUp();
    for (let count = 0; count < 4; count++) arrive();
    expect(arrive("192.0.2.2").verdict).toEqual({ admit: true });
  });
});

describe("an address that fails often", () => {
  test("has fewer places, but still lets workers in", () => {
    const { arrive, fail } = setUp();
    for (let count = 0; count < 5; count++) fail();
    expect(arrive().verdict).toEqual({ admit: true });
    expect(arrive().verdict).toMatchObject({ admit: true, evict: 6 });
  });

  test("has its places again after a time without failures", () => {
    const { arrive, fail } = setUp();
    for (let count = 0; count < 5; count++) fail();
    const later = { now: 60_000 };
    expect(arrive(nat, later).verdict).toEqual({ admit: true });
    expect(arrive(nat, later).verdict).toEqual({ admit: true });
  });
});

describe("when all connections are in use", () => {
  test("a stranger of the address that holds most makes room", () => {
    const { admission, arrive } = setUp({ connections: 3 });
    const [oldest] = [arrive().id, arrive().id];
    const elsewhere = arrive("192.0.2.9").id;
    admission.proved(elsewhere);
    expect(arrive("198.51.100.1").verdict).toEqual({ admit: true, evict: oldest });
  });

  test("by those that proved who they are, newcomers are refused until one leaves", () => {
    const { admission, arrive } = setUp({ connections: 2 });
    const ids = [arrive().id, arrive().id];
    for (const id of ids) admission.proved(id);
    expect(arrive().verdict).toEqual({ admit: false, reason: "too-many-connections" });
    admission.left(ids[0]!);
    expect(arrive().verdict).toEqual({ admit: true });
  });
});
