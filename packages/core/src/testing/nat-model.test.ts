// The rules of RFC 4787 and RFC 5382, as properties of the pure model under any sequence of packets.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Endpoint } from "../env/env.ts";
import type { Filtering, Mapping } from "../nat/nat.ts";
import {
  emptyNatTable,
  endpointText,
  firstNatPort,
  lastNatPort,
  type NatModel,
  type NatTable,
  natClose,
  natInbound,
  natOutbound,
} from "./nat-model.ts";
import { seededRandom } from "./seeded-random.ts";

const kinds: readonly (Mapping & Filtering)[] = [
  "endpoint-independent",
  "address-dependent",
  "address-and-port-dependent",
];

const anyModel: fc.Arbitrary<NatModel> = fc.record({
  mapping: fc.constantFrom(...kinds),
  filtering: fc.constantFrom(...kinds),
  hairpinning: fc.boolean(),
  unsolicited: fc.constantFrom("drop", "reset"),
  ports: fc.constantFrom("preserving", "random"),
  idleMs: fc.constant(100_000),
});

// Few hosts and ports, so that collisions and repeats happen all the time.
const inside: fc.Arbitrary<Endpoint> = fc.record({
  host: fc.constantFrom("10.0.0.2", "10.0.0.3"),
  port: fc.constantFrom(5000, 5001, 80),
});
const outside: fc.Arbitrary<Endpoint> = fc.record({
  host: fc.constantFrom("192.0.2.1", "192.0.2.2"),
  port: fc.constantFrom(1, 2),
});
const publicHost = "203.0.113.1";

interface Step {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly waitMs: number;
}
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({ from: inside, to: outside, waitMs: fc.constantFrom(0, 1, 2000, 60_000) }),
  { minLength: 1, maxLength: 30 },
);

interface Sent extends Step {
  readonly externalPort: number;
  readonly atMs: number;
}

/** Sends all packets out, one after the other. */
function sendAll(
  model: NatModel,
  packets: readonly Step[],
  seed = 1,
): { table: NatTable; sent: Sent[]; nowMs: number } {
  const random = seededRandom(seed);
  let table = emptyNatTable;
  let nowMs = 0;
  const sent = packets.map((step) => {
    nowMs += step.waitMs;
    const result = natOutbound(model, table, step, nowMs, (from, to) => random.int(from, to));
    if (result.verdict !== "forward") throw new Error("no port left");
    table = result.table;
    return { ...step, externalPort: result.externalPort, atMs: nowMs };
  });
  return { table, sent, nowMs };
}

/** How much of the destination tells two mappings (or two filters) apart. */
const scope = (kind: Mapping, { host, port }: Endpoint): string =>
  kind === "endpoint-independent" ? "" : kind === "address-dependent" ? host : `${host} ${port}`;

describe("mapping (RFC 4787, section 4.1)", () => {
  it("is the same for one internal endpoint, as long as what it depends on is the same", () => {
    fc.assert(
      fc.property(anyModel, steps, fc.integer(), (model, packets, seed) => {
        const forever = { ...model, idleMs: Number.POSITIVE_INFINITY };
        const ports = new Map<string, number>();
        for (const { from, to, externalPort } of sendAll(forever, packets, seed).sent) {
          const key = `${endpointText(from)} ${scope(model.mapping, to)}`;
          expect(ports.get(key) ?? externalPort).toBe(externalPort);
          ports.set(key, externalPort);
        }
        // REQ-3: no port overloading: different mappings have different ports.
        expect(new Set(ports.values()).size).toBe(ports.size);
      }),
    );
  });

  it("takes ports in its range only, and the internal one where that is free and ports are preserved", () => {
    fc.assert(
      fc.property(anyModel, steps, fc.integer(), (model, packets, seed) => {
        const { sent } = sendAll(model, packets, seed);
        for (const { externalPort } of sent) {
          expect(externalPort).toBeGreaterThanOrEqual(firstNatPort);
          expect(externalPort).toBeLessThanOrEqual(lastNatPort);
        }
        const first = sent[0]!;
        if (model.ports === "preserving" && first.from.port >= firstNatPort) {
          expect(first.externalPort).toBe(first.from.port);
        }
      }),
    );
  });

  it("is gone after the idle time, and not before", () => {
    fc.assert(
      fc.property(
        anyModel,
        inside,
        outside,
        fc.integer({ min: 0, max: 200_000 }),
        (model, from, to, laterMs) => {
          const { table, sent } = sendAll(model, [{ from, to, waitMs: 0 }]);
          const reply = { from: to, to: { host: publicHost, port: sent[0]!.externalPort } };
          const verdict = natInbound(model, table, reply, laterMs).verdict;
          expect(verdict).toBe(laterMs < model.idleMs ? "forward" : model.unsolicited);
        },
      ),
    );
  });

  it("lives on while it is used in either direction (RFC 4787, REQ-6)", () => {
    const model = { ...fc.sample(anyModel, { numRuns: 1, seed: 1 })[0]!, idleMs: 100_000 };
    const from = { host: "10.0.0.2", port: 5000 };
    const to = { host: "192.0.2.1", port: 1 };
    const sent = sendAll(model, [{ from, to, waitMs: 0 }]);
    const externalPort = sent.sent[0]!.externalPort;
    let { table } = sent;
    for (let nowMs = 90_000; nowMs <= 900_000; nowMs += 90_000) {
      const inbound = nowMs % 180_000 === 0;
      const reply = { from: to, to: { host: publicHost, port: externalPort } };
      const result = inbound
        ? natInbound(model, table, reply, nowMs)
        : natOutbound(model, table, { from, to }, nowMs, () => 9999);
      expect(result.verdict).toBe("forward");
      if ("externalPort" in result) expect(result.externalPort).toBe(externalPort);
      table = result.table;
    }
  });

  it("says so when every port is taken, and gives a port back once a mapping is idle", () => {
    const model: NatModel = {
      mapping: "address-and-port-dependent",
      filtering: "address-and-port-dependent",
      hairpinning: false,
      unsolicited: "drop",
      ports: "preserving",
      idleMs: 1000,
    };
    const mapping = { internal: { host: "10.0.0.9", port: 1 }, remotes: new Map(), usedMs: 0 };
    const byKey = new Map<string, NatTable["byKey"] extends ReadonlyMap<string, infer M> ? M : never>();
    const keyByPort = new Map<number, string>();
    for (let port = firstNatPort; port <= lastNatPort; port += 1) {
      byKey.set(`k${port}`, { ...mapping, externalPort: port });
      keyByPort.set(port, `k${port}`);
    }
    const flow = { from: { host: "10.0.0.2", port: 5000 }, to: { host: "192.0.2.1", port: 1 } };
    expect(natOutbound(model, { byKey, keyByPort }, flow, 999, () => 5000).verdict).toBe("exhausted");
    const later = natOutbound(model, { byKey, keyByPort }, flow, 1000, () => 5000);
    expect(later).toMatchObject({ verdict: "forward", externalPort: 5000 });
    expect(later.table.byKey.size).toBe(1);
  });
});

describe("filtering (RFC 4787, section 5)", () => {
  it("lets a stranger in by exactly what was sent to before", () => {
    fc.assert(
      fc.property(anyModel, steps, outside, fc.nat(), (model, packets, stranger, which) => {
        const forever = { ...model, idleMs: Number.POSITIVE_INFINITY };
        const { table, sent, nowMs } = sendAll(forever, packets);
        const target = sent[which % sent.length]!;
        const sharesMapping = sent.filter((other) => other.externalPort === target.externalPort);
        const mayPass = sharesMapping.some(
          ({ to }) => scope(model.filtering, to) === scope(model.filtering, stranger),
        );
        const flow = { from: stranger, to: { host: publicHost, port: target.externalPort } };
        const result = natInbound(forever, table, flow, nowMs);
        expect(result.verdict).toBe(mayPass ? "forward" : model.unsolicited);
        if (result.verdict === "forward") expect(result.internal).toEqual(target.from);
      }),
    );
  });

  it("an inbound packet never makes a mapping, and one for a port without a mapping is never let in", () => {
    fc.assert(
      fc.property(
        anyModel,
        steps,
        outside,
        fc.integer({ min: 0, max: 65_535 }),
        (model, packets, from, port) => {
          const { table, nowMs } = sendAll(model, packets);
          const result = natInbound(model, table, { from, to: { host: publicHost, port } }, nowMs);
          expect([...result.table.keyByPort]).toEqual([...table.keyByPort]);
          if (!table.keyByPort.has(port)) expect(result.verdict).toBe(model.unsolicited);
        },
      ),
    );
  });

  it("a stranger that an open filter lets in does not keep the mapping alive", () => {
    const model = {
      ...fc.sample(anyModel, { numRuns: 1, seed: 2 })[0]!,
      filtering: "endpoint-independent" as const,
    };
    const step = { from: { host: "10.0.0.2", port: 5000 }, to: { host: "192.0.2.1", port: 1 }, waitMs: 0 };
    const { table, sent } = sendAll(model, [step]);
    const to = { host: publicHost, port: sent[0]!.externalPort };
    const stranger = { host: "198.51.100.66", port: 6 };
    const result = natInbound(model, table, { from: stranger, to }, model.idleMs - 1);
    expect(result.verdict).toBe("forward");
    expect(natInbound(model, result.table, { from: stranger, to }, model.idleMs).verdict).toBe(
      model.unsolicited,
    );
  });

  it("a reset closes the pinhole for that remote only, and the mapping keeps its port", () => {
    fc.assert(
      fc.property(anyModel, inside, outside, outside, (model, from, first, second) => {
        fc.pre(endpointText(first) !== endpointText(second));
        const dependent = { ...model, filtering: "address-and-port-dependent" as const };
        const { table, sent } = sendAll(dependent, [
          { from, to: first, waitMs: 0 },
          { from, to: second, waitMs: 0 },
        ]);
        const closed = natClose(dependent, table, from, first);
        const [toFirst, toSecond] = sent.map(({ externalPort }) => ({
          host: publicHost,
          port: externalPort,
        }));
        expect(natInbound(dependent, closed, { from: first, to: toFirst! }, 0).verdict).toBe(
          model.unsolicited,
        );
        expect(natInbound(dependent, closed, { from: second, to: toSecond! }, 0).verdict).toBe("forward");
        const again = natOutbound(dependent, closed, { from, to: first }, 0, () => 60_000);
        expect(again).toMatchObject({ verdict: "forward", externalPort: toFirst!.port });
      }),
    );
  });
});

it("no step changes the table that it was given", () => {
  fc.assert(
    fc.property(anyModel, steps, outside, (model, packets, remote) => {
      const { table, nowMs } = sendAll(model, packets);
      const copy = structuredClone(table);
      const { from } = packets[0]!;
      natOutbound(model, table, { from, to: remote }, nowMs + 5000, () => 40_000);
      const port = [...table.keyByPort.keys()][0]!;
      natInbound(model, table, { from: remote, to: { host: publicHost, port } }, nowMs + 5000);
      natClose(model, table, from, remote);
      expect(table).toEqual(copy);
    }),
  );
});
