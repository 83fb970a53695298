import { hkdfSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  connectionIdentity,
  connectionKey,
  type Identity,
  type PairIdentity,
  pairKeys,
  pairTokenBytes,
  parseConnectionIdentity,
  parseRelayServerIdentity,
  relayServerIdentity,
  relayServerKey,
} from "./keys.ts";

const secret = Buffer.from("0b".repeat(32), "hex");
/** OpenSSL's HKDF. */
const hkdf = (material: Uint8Array, salt: string, info: string, bytes: number): Buffer =>
  Buffer.from(hkdfSync("sha512", material, salt, info, bytes));

const identity: Identity = { job: "j0b", rank: 12, attempt: 3 };
const pair: PairIdentity = { job: "j0b", low: { rank: 1, attempt: 0 }, high: { rank: 12, attempt: 3 } };

describe("keys", () => {
  it("are HKDF-SHA512 of the secret, by an independent derivation", () => {
    expect(connectionKey(secret, "control", identity)).toEqual(
      hkdf(secret, "fnmesh/1", "control j0b 12 3", 32),
    );
    expect(connectionKey(secret, "relay", identity)).toEqual(hkdf(secret, "fnmesh/1", "relay j0b 12 3", 32));
    const { key, token } = pairKeys(secret, pair);
    expect(Buffer.concat([key, token])).toEqual(
      hkdf(secret, "fnmesh/1", "pair j0b 1 0 12 3", 32 + pairTokenBytes),
    );
    expect([key.length, token.length]).toEqual([32, pairTokenBytes]);
  });

  it("differ by secret, purpose, job, rank, attempt and pair, and are the same for the same", () => {
    const others: Identity[] = [
      { ...identity, job: "j0c" },
      { ...identity, rank: 13 },
      { ...identity, attempt: 4 },
      // The same digits, cut differently.
      { ...identity, rank: 1, attempt: 23 },
    ];
    const pairs: PairIdentity[] = [
      pair,
      { ...pair, job: "j0c" },
      { ...pair, low: { rank: 2, attempt: 0 } },
      { ...pair, low: { rank: 1, attempt: 1 } },
      { ...pair, high: { rank: 12, attempt: 4 } },
      { ...pair, low: pair.high, high: pair.low },
    ];
    const otherSecret = Buffer.from("0c".repeat(32), "hex");
    const keys = [
      ...[identity, ...others].flatMap((who) => [
        connectionKey(secret, "control", who),
        connectionKey(secret, "relay", who),
        connectionKey(otherSecret, "control", who),
      ]),
      ...pairs.flatMap((two) => [...Object.values(pairKeys(secret, two)), pairKeys(otherSecret, two).key]),
    ].map((key) => key.subarray(0, pairTokenBytes).toString("hex"));
    expect(new Set(keys).size).toBe(keys.length);
    expect(pairKeys(secret, { ...pair })).toEqual(pairKeys(secret, pair));
  });
});

const anyIdentity = fc.record({
  job: fc.stringMatching(/^[a-z0-9]{1,64}$/),
  rank: fc.nat(99_999),
  attempt: fc.nat(999),
});

describe("the identity in the clear", () => {
  it("says purpose, job, rank and attempt, and is read back", () => {
    fc.assert(
      fc.property(fc.constantFrom("control" as const, "relay" as const), anyIdentity, (purpose, who) => {
        expect(parseConnectionIdentity(connectionIdentity(purpose, who))).toEqual({ purpose, ...who });
      }),
    );
  });

  it.each([
    "",
    "fnmesh/1 control j0b 1",
    "fnmesh/1 control j0b 1 2 3",
    "fnmesh/2 control j0b 1 2",
    "fnmesh/01 control j0b 1 2",
    "fnmesh/1 admin j0b 1 2",
    "fnmesh/1 control J0B 1 2",
    "fnmesh/1 control ../../etc 1 2",
    "fnmesh/1 control j0b -1 2",
    "fnmesh/1 control j0b 1e3 2",
    "fnmesh/1 control j0b 100000 2",
    "fnmesh/1 control j0b 1 1000",
    "fnmesh/1 control j0b 01 2",
    "fnmesh/1 control j0b 1 002",
    "fnmesh/1 control j0b 1 2\n",
    "fnmesh/1 control j0b 1 2\0",
    " fnmesh/1 control j0b 1 2",
    "fnmesh/1  control j0b 1 2",
    "fnmesh/1 control j0b １ 2",
    `fnmesh/1 control ${"a".repeat(65)} 1 2`,
    `fnmesh/1 control ${"a".repeat(100_000)} 1 2`,
  ])("a hostile one is no identity: %j", (text) => {
    expect(parseConnectionIdentity(text)).toBeUndefined();
  });

  it("has one spelling: whatever is read is what would be written", () => {
    const nearly = fc
      .tuple(
        fc.constantFrom("fnmesh/1", "fnmesh/01", "fnmesh/2", ""),
        fc.constantFrom("control", "relay", "pair"),
        fc.string({ maxLength: 4 }),
        fc.stringMatching(/^[0-9]{0,6}$/),
        fc.stringMatching(/^[0-9]{0,4}$/),
      )
      .map((parts) => parts.join(" "));
    fc.assert(
      fc.property(fc.oneof(fc.string(), nearly), (text) => {
        const parsed = parseConnectionIdentity(text);
        if (parsed !== undefined) expect(connectionIdentity(parsed.purpose, parsed)).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("a relay process", () => {
  it("has a key of the token and its own name, by an independent derivation", () => {
    const token = "a token of some length";
    expect(relayServerKey(token, "r1")).toEqual(hkdf(Buffer.from(token), "fnmesh/1", "relay-server r1", 32));
    expect(relayServerKey(token, "r2")).not.toEqual(relayServerKey(token, "r1"));
  });

  it("says its name in the clear, and is no worker", () => {
    expect(parseRelayServerIdentity(relayServerIdentity("r1"))).toBe("r1");
    expect(parseConnectionIdentity(relayServerIdentity("r1"))).toBeUndefined();
    expect(parseRelayServerIdentity(connectionIdentity("relay", identity))).toBeUndefined();
  });

  it.each([
    "",
    "fnmesh/1 relay-server ",
    "fnmesh/1 relay-server R1",
    "fnmesh/2 relay-server r1",
    "fnmesh/01 relay-server r1",
    "fnmesh/1 relay-server r1 2",
    "fnmesh/1 relay-server r1\n",
    `fnmesh/1 relay-server ${"a".repeat(65)}`,
  ])("of a hostile name is none: %j", (text) => {
    expect(parseRelayServerIdentity(text)).toBeUndefined();
  });
});
