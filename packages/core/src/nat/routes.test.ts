import { describe, expect, test } from "vitest";
import type { Candidate } from "./candidate.ts";
import type { MappingGuess } from "./nat.ts";
import { roundsWorthTrying, routesTo, type Whereabouts } from "./routes.ts";

const host = (address: string, port = 4000): Candidate => ({
  type: "host",
  tcpType: "passive",
  host: address,
  port,
});
const so = (address: string, port = 5000): Candidate => ({
  type: "srflx",
  tcpType: "so",
  host: address,
  port,
});
const mapped = (address: string, port = 6000): Candidate => ({
  type: "srflx",
  tcpType: "passive",
  host: address,
  port,
});

const at = (rank: number, mapping: MappingGuess, ...candidates: Candidate[]): Whereabouts => ({
  rank,
  mapping,
  candidates,
});
const natted = (rank: number, outside: string, mapping: MappingGuess = "endpoint-independent") =>
  at(rank, mapping, host(`10.0.0.${rank + 1}`), so(outside), mapped(outside));
const first = (routes: ReturnType<typeof routesTo>) => routes[0];

describe("routes", () => {
  test("across two NATs the simultaneous open goes first", () => {
    expect(first(routesTo(natted(0, "198.18.0.1"), natted(1, "198.18.0.2"), 0))).toEqual({
      kind: "so",
      host: "198.18.0.2",
      port: 5000,
      afterMs: 0,
    });
  });

  test("behind one NAT the private address is tried at once, by the higher rank, and the hairpin too", () => {
    const routes = routesTo(natted(1, "198.18.0.1"), natted(0, "198.18.0.1"), 0);
    expect(routes.filter(({ afterMs }) => afterMs === 0).map(({ kind }) => kind)).toEqual(["passive", "so"]);
    const lower = routesTo(natted(0, "198.18.0.1"), natted(1, "198.18.0.1"), 0);
    expect(lower.find(({ kind }) => kind === "passive")!.afterMs).toBeGreaterThan(0);
  });

  test("a peer that is directly on the network is dialled at its listener", () => {
    const open = at(0, "none", host("203.0.113.1"), so("203.0.113.1"));
    expect(first(routesTo(natted(1, "198.18.0.2"), open, 0))).toMatchObject({
      kind: "passive",
      host: "203.0.113.1",
    });
  });

  test("one unpredictable mapping leaves only listeners, and its own side dials at once", () => {
    const symmetric = natted(1, "198.18.0.2", "address-and-port-dependent");
    const routes = routesTo(symmetric, natted(0, "198.18.0.1"), 0);
    expect(routes.map(({ kind }) => kind)).toEqual(["passive-mapped", "passive"]);
    expect(first(routes)!.afterMs).toBe(0);
  });

  test("in a later round the mapped listener is dialled at once, from the port that the peer's NAT expects", () => {
    const [early, late] = [0, 1].map((round) =>
      routesTo(natted(1, "198.18.0.1"), natted(0, "198.18.0.2"), round).find(
        ({ kind }) => kind === "passive-mapped",
      ),
    );
    expect(early!.afterMs).toBeGreaterThan(late!.afterMs);
    expect(late!.afterMs).toBe(0);
  });

  test("addresses of a family that this side does not have are left out", () => {
    const six = at(0, "none", host("2001:db8::1"), so("2001:db8::1"));
    expect(routesTo(natted(1, "198.18.0.2"), six, 0)).toEqual([]);
    const dual = at(1, "none", host("2001:db8::2"), so("2001:db8::2"), host("10.0.0.1"));
    expect(routesTo(dual, six, 0).map((route) => route.host)).toEqual(["2001:db8::1", "2001:db8::1"]);
  });

  test("the same address is not tried twice in the same way", () => {
    const twice = at(0, "none", host("203.0.113.1"), host("203.0.113.1"), so("203.0.113.1"));
    const kinds = routesTo(natted(1, "198.18.0.2"), twice, 0).map(({ kind, host: h }) => `${kind} ${h}`);
    expect(new Set(kinds).size).toBe(kinds.length);
  });
});

test("both sides agree on how many rounds are worth it", () => {
  const guesses: MappingGuess[] = [
    "none",
    "unknown",
    "endpoint-independent",
    "address-dependent",
    "address-and-port-dependent",
  ];
  for (const a of guesses)
    for (const b of guesses) expect(roundsWorthTrying(a, b)).toBe(roundsWorthTrying(b, a));
  expect(roundsWorthTrying("address-and-port-dependent", "address-and-port-dependent")).toBe(0);
  expect(roundsWorthTrying("address-and-port-dependent", "none")).toBe(1);
  expect(roundsWorthTrying("unknown", "endpoint-independent")).toBe(3);
});
