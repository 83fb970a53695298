import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ownPorts, usualPorts } from "./addresses.ts";
import { mostLabWorkers } from "./lab.ts";
import { natTraits, type PlaceProfile } from "./profiles.ts";
import { natRules, portTwist } from "./rules.ts";

const inside = [0, 1].map((index) => ({ address: `10.0.0.${index + 1}`, ports: ownPorts(index, 2) }));
const rulesOf = (profile: PlaceProfile, workers = 1) =>
  natRules({ traits: natTraits[profile]!, publicAddress: "198.18.0.1", inside: inside.slice(0, workers) });

describe("a NAT's rules", () => {
  it("remember as much of the peer as the filtering asks for", () => {
    expect(rulesOf("open")).toContain("type inet_service;");
    expect(rulesOf("restricted")).toContain("type inet_service . ipv4_addr . inet_service;");
    const traits = { ...natTraits.restricted!, filtering: "address-dependent" } as const;
    expect(natRules({ traits, publicAddress: "198.18.0.1", inside })).toContain(
      "type inet_service . ipv4_addr;",
    );
  });

  it("track connections only where the mapping depends on the peer", () => {
    for (const profile of ["open", "restricted", "reset", "shared", "shared-no-hairpin"] as const)
      expect(rulesOf(profile)).not.toMatch(/\bct\b|snat|masquerade/);
    expect(rulesOf("symmetric")).toMatch(/snat to 198.18.0.1\S+ fully-random/);
  });

  it("never map a symmetric NAT's peers to a port that the orchestrator may have seen", () => {
    const ranges = [...rulesOf("symmetric").matchAll(/snat to 198.18.0.1:(\d+)-(\d+)/g)];
    const [[, , lastSeen], [, firstOther]] = ranges as [RegExpExecArray, RegExpExecArray];
    expect(Number(lastSeen)).toBeLessThan(Number(firstOther));
  });

  it("answer an unsolicited SYN only in the profile reset", () => {
    expect(rulesOf("reset")).toContain("reject with tcp reset");
    expect(rulesOf("restricted")).not.toContain("reject");
  });

  it("turn a packet to the NAT's own address round only where it hairpins", () => {
    expect(rulesOf("shared")).toContain("ip daddr 198.18.0.1 goto inbound");
    expect(rulesOf("shared-no-hairpin")).toContain("ip daddr 198.18.0.1 drop");
  });

  it("send what comes in to the worker whose port it is", () => {
    expect(rulesOf("restricted")).toContain("ip daddr set 10.0.0.1\n");
    expect(rulesOf("shared", 2)).toContain("map { 32768-36863 : 10.0.0.1, 36864-40959 : 10.0.0.2 }");
  });

  it("let neighbours reach each other by private address only where that is the point", () => {
    expect(rulesOf("shared-no-hairpin", 2)).toContain("ip daddr { 10.0.0.1, 10.0.0.2 } accept");
    expect(rulesOf("shared", 2)).not.toMatch(/ip daddr \{.*accept/);
  });
});

describe("the mapped port", () => {
  it("is another one, and stays in the worker's own block", () => {
    const block = fc
      .tuple(fc.integer({ min: 1, max: mostLabWorkers }), fc.nat(), fc.nat())
      .map(([workers, index, port]) => ({ range: ownPorts(index % workers, workers), port }));
    fc.assert(
      fc.property(block, ({ range: { first, last }, port: n }) => {
        const port = first + (n % (last - first + 1));
        const mapped = port ^ portTwist;
        expect(mapped).not.toBe(port);
        expect(mapped).toBeGreaterThanOrEqual(first);
        expect(mapped).toBeLessThanOrEqual(last);
      }),
    );
  });

  it("is a port that can be used, for every port that Linux picks", () => {
    const ports = Array.from(
      { length: usualPorts.last - usualPorts.first + 1 },
      (_, i) => usualPorts.first + i,
    );
    const mapped = ports.map((port) => port ^ portTwist);
    expect(Math.min(...mapped)).toBeGreaterThanOrEqual(1_024);
    expect(Math.max(...mapped)).toBeLessThanOrEqual(65_535);
  });
});
