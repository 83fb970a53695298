import { isStoreRung, type Rung, rungs } from "@fnmesh/core/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultPolicy, type PairFacts } from "./policy.ts";

const everything: readonly Rung[] = ["direct", "relay", "redis", "memcached", "s3-combined"];
const facts = (change: Partial<PairFacts> = {}): PairFacts => ({
  ladder: everything,
  auto: true,
  failed: [],
  mappings: ["endpoint-independent", "endpoint-independent"],
  size: 16,
  roundTripMs: [2, 2],
  ways: {},
  sharers: {},
  ...change,
});

const punched = "address-and-port-dependent" as const;
const kilobyte = 1000;
const megabyte = 1000 * kilobyte;

describe("with auto, a pair's first way", () => {
  test.each<[what: string, known: Partial<PairFacts>, first: Rung]>([
    ["of which nothing is known is direct", { mappings: ["unknown", "unknown"] }, "direct"],
    ["whose NATs can be punched is direct, however cheap the rest", { bytes: 1 }, "direct"],
    ["with one NAT that cannot is direct still", { mappings: [punched, "none"] }, "direct"],
    ["with two NATs that cannot is not", { mappings: [punched, "address-dependent"] }, "relay"],
    ["after direct has failed is the relay for a small message", { failed: ["direct"] }, "relay"],
    [
      "is the relay for a large one too, while few share it",
      { failed: ["direct"], bytes: 8 * megabyte },
      "relay",
    ],
    [
      "is a memory store where the relay is far",
      { failed: ["direct"], roundTripMs: [80, 90], ways: { redis: { latencyMs: 1 } } },
      "redis",
    ],
    [
      "is the object store for large messages once many pairs share the servers",
      { failed: ["direct"], bytes: 8 * megabyte, sharers: { relay: 500, redis: 500, memcached: 500 } },
      "s3-combined",
    ],
    [
      "is not for small ones, which would wait for it longer",
      { failed: ["direct"], bytes: 10 * kilobyte, sharers: { relay: 500, redis: 500, memcached: 500 } },
      "relay",
    ],
    [
      "is the object store where the relay's bytes are dear",
      {
        failed: ["direct"],
        bytes: 8 * megabyte,
        ways: { relay: { pricePerGb: 0.05 } },
        ladder: ["direct", "relay", "s3-combined"],
      },
      "s3-combined",
    ],
    [
      "is not the object store where its requests are dearer than the wait",
      {
        failed: ["direct"],
        bytes: 8 * megabyte,
        sharers: { relay: 40 },
        ladder: ["direct", "relay", "s3-combined"],
        ways: { "s3-combined": { pricePerRequest: 0.01 } },
      },
      "relay",
    ],
    ["is a store when the relay has failed", { failed: ["direct", "relay"] }, "redis"],
  ])("%s", (_, known, first) => {
    expect(defaultPolicy(facts(known))[0]).toBe(first);
  });
});

test("an explicit ladder is the user's order, whatever it costs", () => {
  const ladder: readonly Rung[] = ["direct", "s3-naive", "relay"];
  expect(defaultPolicy(facts({ auto: false, ladder, mappings: [punched, punched] }))).toEqual(ladder);
  expect(defaultPolicy(facts({ auto: false, ladder, failed: ["direct"] }))).toEqual(["s3-naive", "relay"]);
});

const anyRungs = fc.uniqueArray(fc.constantFrom(...rungs));
const anyMapping = fc.constantFrom("none", "unknown", "endpoint-independent", "address-dependent", punched);
const anyTime = fc.option(fc.integer({ min: 0, max: 500 }), { nil: undefined });
const anyFacts: fc.Arbitrary<PairFacts> = fc
  .record({
    ladder: anyRungs,
    auto: fc.boolean(),
    failed: anyRungs,
    mappings: fc.tuple(anyMapping, anyMapping),
    size: fc.integer({ min: 1, max: 1000 }),
    bytes: fc.integer({ min: 0, max: 1e9 }),
    roundTripMs: fc.tuple(anyTime, anyTime),
    ways: fc.dictionary(
      fc.constantFrom(...rungs),
      fc.record({ latencyMs: fc.nat(1000), pricePerGb: fc.float({ min: 0, max: 1, noNaN: true }) }),
    ),
    sharers: fc.dictionary(fc.constantFrom(...rungs), fc.nat(10_000)),
  })
  .map((known) => known as PairFacts);

test("it never proposes what has failed or is not set up, nothing twice, and all that is left but a hopeless direct", () => {
  fc.assert(
    fc.property(anyFacts, (known) => {
      const order = defaultPolicy(known);
      const left = known.ladder.filter((rung) => !known.failed.includes(rung));
      expect(new Set(order).size).toBe(order.length);
      for (const rung of order) expect(left).toContain(rung);
      for (const rung of left) if (rung !== "direct") expect(order).toContain(rung);
      if (known.auto && order.includes("direct")) expect(order[0]).toBe("direct");
    }),
  );
});

test("the same facts give the same order", () => {
  fc.assert(
    fc.property(anyFacts, (known) => {
      expect(defaultPolicy(structuredClone(known))).toEqual(defaultPolicy(known));
    }),
  );
});

test("a way that gets dearer never gets nearer to the front", () => {
  fc.assert(
    fc.property(anyFacts, fc.constantFrom(...rungs), (known, rung) => {
      const latencyMs = 1e6;
      const dearer = { ...known, ways: { ...known.ways, [rung]: { ...known.ways[rung], latencyMs } } };
      if (rung === "direct" || !isStoreRung(rung)) return;
      expect(defaultPolicy(dearer).indexOf(rung)).toBeGreaterThanOrEqual(defaultPolicy(known).indexOf(rung));
    }),
  );
});
