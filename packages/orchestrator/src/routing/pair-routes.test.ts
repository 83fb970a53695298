import { type Rung, rungs } from "@fnmesh/core/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { RelayPool } from "../relay/pool/relay-pool.ts";
import { type PairKnown, PairRoutes, type RouteGiven } from "./pair-routes.ts";
import { defaultPolicy, type PairFacts, type Policy } from "./policy.ts";

const known: PairKnown = {
  mappings: ["endpoint-independent", "endpoint-independent"],
  roundTripMs: [undefined, undefined],
  bytes: undefined,
};

function routesWith(ladder: readonly Rung[], relays: number, policy: Policy = defaultPolicy) {
  const pool = new RelayPool();
  for (let id = 0; id < relays; id++) pool.add({ id: `r${id}`, host: "192.0.2.1", port: 7000 });
  const job = pool.forJob();
  const routes = new PairRoutes({ size: 4, ladder, auto: true, policy, relays: job, ways: {} });
  /** All that one pair is given, each being of no use. */
  const walk = (pair: number) => {
    const given: RouteGiven[] = [];
    for (
      let next = routes.next(pair, known, "no");
      next !== undefined;
      next = routes.next(pair, known, "no")
    ) {
      given.push(next);
    }
    return given;
  };
  return { pool, job, routes, walk };
}

test("whatever a policy says: nothing outside of the ladder, no rung and no relay twice, numbers without gaps, an end", () => {
  const anything: fc.Arbitrary<Policy> = fc
    .func(fc.array(fc.constantFrom(...rungs)))
    .map((choose) => (facts: PairFacts) => choose(facts));
  fc.assert(
    fc.property(fc.uniqueArray(fc.constantFrom(...rungs)), fc.nat(4), anything, (ladder, relays, policy) => {
      const { routes, pool, walk } = routesWith(ladder, relays, policy);
      const given = walk(3);
      const taken = given.map(({ rung, relay }) => (rung === "relay" ? `relay ${relay?.id}` : rung));
      expect(new Set(taken).size).toBe(taken.length);
      expect(taken).not.toContain("direct");
      for (const { rung } of given) expect(ladder).toContain(rung);
      expect(given.map(({ route }) => route)).toEqual(given.map((_, index) => index + 1));
      expect(routes.isExhausted(3)).toBe(true);
      expect(pool.pairs).toEqual({});
    }),
  );
});

test("each relay comes before the next rung, the orchestrator's own last", () => {
  const { walk } = routesWith(["direct", "relay", "redis", "s3-combined"], 2);
  expect(walk(1).map(({ rung, relay }) => relay?.id ?? rung)).toEqual([
    "r0",
    "r1",
    "relay",
    "redis",
    "s3-combined",
  ]);
});

test("a way that many pairs have is dearer for the next one, and given back by those that leave it", () => {
  const seen: PairFacts["sharers"][] = [];
  const { routes, pool } = routesWith(["direct", "redis", "relay"], 1, (facts) => {
    seen.push(facts.sharers);
    return ["relay", "redis"];
  });
  for (const pair of [1, 2, 3]) routes.next(pair, known, "no");
  expect(seen.at(-1)).toMatchObject({ relay: 2 });
  expect(pool.pairs).toEqual({ r0: 3 });
  expect(routes.pairsOn("r0")).toEqual([1, 2, 3]);
  routes.next(1, known, "it broke");
  routes.next(1, known, "it broke");
  routes.next(2, known, "it broke");
  expect(pool.pairs).toEqual({ r0: 1, embedded: 1 });
  expect(seen.at(-1)).toMatchObject({ redis: 1 });
});
