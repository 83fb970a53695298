import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Route } from "../nat/routes.ts";
import type { PunchConfig, PunchEffect, PunchEvent, PunchState } from "./punch-events.ts";
import { initialPunchState, stepPunch } from "./punch-state.ts";

const so: Route = { kind: "so", host: "198.18.0.2", port: 5000, afterMs: 0 };
const listener: Route = { kind: "passive-mapped", host: "198.18.0.2", port: 6000, afterMs: 500 };

/** Feeds events to one machine and keeps what it said last. */
function machine(config: PunchConfig) {
  let state: PunchState = initialPunchState;
  let effects: readonly PunchEffect[] = [];
  return {
    get state() {
      return state;
    },
    get said() {
      return effects.map(({ type }) => type);
    },
    get effects() {
      return effects;
    },
    on(...events: PunchEvent[]) {
      for (const event of events) [state, effects] = stepPunch(config, state, event);
      return this;
    },
  };
}

const lower: PunchConfig = { role: "lower", relay: true };
const higher: PunchConfig = { role: "higher", relay: true };
const introduced = (round = 0, routes: readonly Route[] = [so, listener], rounds = 3): PunchEvent => ({
  type: "introduced",
  round,
  rounds,
  routes,
  delayMs: 5,
});

describe("the lower rank", () => {
  test("dials after the introduction's delay, secures, nominates, and is connected once confirmed", () => {
    const pair = machine(lower).on(introduced());
    expect(pair.effects).toContainEqual({ type: "dial", id: 1, route: so, afterMs: 5, jitterMs: 0 });
    expect(pair.on({ type: "dialled", id: 1 }).effects).toEqual([
      { type: "secure", id: 1 },
      { type: "hold", id: 2 },
    ]);
    pair.on({ type: "secured", id: 1 });
    expect(pair.said).toEqual(["discard", "confirm"]);
    expect(pair.on({ type: "confirmed", id: 1 }).effects).toEqual([{ type: "connected", id: 1 }]);
    expect(pair.state.name).toBe("connected");
  });

  test("takes the first socket that is secured; a second one is discarded", () => {
    const pair = machine(lower).on(introduced(), { type: "accepted" }, { type: "dialled", id: 1 });
    pair.on({ type: "secured", id: 3 });
    expect(pair.state).toMatchObject({ name: "confirming", chosen: 3 });
    expect(pair.on({ type: "secured", id: 1 }).effects).toEqual([{ type: "discard", id: 1 }]);
  });

  test("opens a side door when refusals outlast the burst, and offers it for the next round", () => {
    const refused: PunchEvent = { type: "dial-failed", id: 1, refused: true, reason: "ECONNREFUSED" };
    const pair = machine(lower).on(introduced(), refused, { type: "burst-over" });
    expect(pair.said).toEqual(["open-door"]);
    expect(pair.on({ type: "door-open" }).effects).toMatchObject([{ type: "ask-retry", round: 1 }]);
    // Silence is no reason for one: those NATs drop, and let the dials meet by themselves.
    expect(machine(lower).on(introduced(), { type: "burst-over" }).said).toEqual([]);
    expect(machine(higher).on(introduced(), refused, { type: "burst-over" }).said).toEqual([]);
  });
});

describe("the higher rank", () => {
  test("waits for the nomination on whatever is secured, and drops the rest then", () => {
    const pair = machine(higher).on(introduced(), { type: "accepted" }, { type: "dialled", id: 1 });
    expect(pair.on({ type: "secured", id: 1 }).said).toEqual(["confirm"]);
    expect(pair.on({ type: "secured", id: 3 }).said).toEqual(["confirm"]);
    expect(pair.on({ type: "nominated", id: 3 }).effects).toEqual([
      { type: "discard", id: 1 },
      { type: "discard", id: 2 },
    ]);
    expect(pair.on({ type: "confirmed", id: 3 }).state).toMatchObject({ name: "connected", chosen: 3 });
  });

  test("a socket that the lower rank dropped is nothing", () => {
    const pair = machine(higher).on(introduced(), { type: "dialled", id: 1 }, { type: "secured", id: 1 });
    pair.on({ type: "unconfirmed", id: 1, reason: "closed" });
    expect(pair.state.name).toBe("punching");
  });
});

describe("dials that fail", () => {
  test("are repeated at once during the burst, with a pause after it", () => {
    const refused: PunchEvent = { type: "dial-failed", id: 1, refused: true, reason: "ECONNREFUSED" };
    const pair = machine(higher).on(introduced(), refused);
    expect(pair.effects).toContainEqual({ type: "hurry", id: 2 });
    expect(pair.effects.at(-1)).toMatchObject({ type: "dial", id: 1, afterMs: 0 });
    pair.on({ type: "burst-over" }, refused);
    expect((pair.effects.at(-1) as { afterMs: number }).afterMs).toBeGreaterThan(0);
  });

  test("three rounds, then the relay", () => {
    const pair = machine(lower).on(introduced(0), { type: "round-over" });
    expect(pair.effects.at(-1)).toMatchObject({ type: "ask-retry", round: 1 });
    pair.on(introduced(1), { type: "round-over" });
    expect(pair.effects.at(-1)).toMatchObject({ type: "ask-retry", round: 2 });
    pair.on(introduced(2), { type: "round-over" });
    expect(pair.effects.at(-1)).toMatchObject({ type: "ask-relay" });
    expect(pair.on({ type: "relay-ordered", reason: "told" }).effects.at(-1)).toMatchObject({
      type: "relayed",
    });
  });

  test("what was held back for a handshake goes at once when that fails", () => {
    const pair = machine(lower).on(introduced(), { type: "dialled", id: 1 });
    pair.on({ type: "insecure", id: 1, reason: "wrong key" });
    expect(pair.effects).toEqual([
      { type: "discard", id: 1 },
      { type: "hurry", id: 2 },
    ]);
  });

  test("a round is not over while a handshake is under way, and is when that fails", () => {
    const pair = machine(lower).on(introduced(), { type: "dialled", id: 1 }, { type: "round-over" });
    expect(pair.state.name).toBe("punching");
    pair.on({ type: "insecure", id: 1, reason: "wrong key" });
    expect(pair.effects.at(-1)).toMatchObject({ type: "ask-retry", round: 1 });
  });

  test("where no mapping can be predicted, the relay is asked for without a try", () => {
    expect(machine(lower).on(introduced(0, [], 0)).said).toEqual(["ask-relay"]);
    const direct = machine({ role: "lower", relay: false }).on(introduced(0, [], 0));
    expect(direct.said).toEqual(["failed"]);
  });
});

describe("a path that swallows full packets", () => {
  const confirming = [
    { type: "dialled", id: 1 },
    { type: "secured", id: 1 },
  ] as const;

  test("is punched once more, then the relay is asked for", () => {
    const pair = machine(lower).on(introduced(0, [so]), ...confirming, {
      type: "unconfirmed",
      id: 1,
      reason: "late",
    });
    expect(pair.effects.at(-1)).toMatchObject({ type: "ask-retry", round: 1 });
    pair.on(introduced(1, [so]));
    const id = (pair.effects.at(-1) as { id: number }).id;
    pair.on({ type: "dialled", id }, { type: "secured", id }, { type: "unconfirmed", id, reason: "late" });
    expect(pair.effects.at(-1)).toMatchObject({ type: "ask-relay" });
  });
});

test("the deadline settles every pair that is not settled", () => {
  for (const before of [[], [introduced()], [introduced(), { type: "dialled", id: 1 } as const]]) {
    const pair = machine(lower).on(...before, { type: "deadline" });
    expect(pair.state.name).toBe("failed");
    expect(pair.said.at(-1)).toBe("failed");
  }
});

test("whatever comes in whatever order: every socket is used or discarded, and a settled pair stays as it is", () => {
  const id = fc.integer({ min: 1, max: 6 });
  const reason = fc.constant("x");
  const event: fc.Arbitrary<PunchEvent> = fc.oneof(
    fc.integer({ min: 0, max: 3 }).map((round) => introduced(round)),
    fc.record({
      type: fc.constantFrom("dialled", "secured", "nominated", "confirmed"),
      id,
    }) as fc.Arbitrary<PunchEvent>,
    fc.record({ type: fc.constantFrom("insecure", "unconfirmed"), id, reason }) as fc.Arbitrary<PunchEvent>,
    fc.record({ type: fc.constant("dial-failed" as const), id, refused: fc.boolean(), reason }),
    fc.constantFrom(
      { type: "accepted" } as const,
      { type: "burst-over" } as const,
      { type: "round-over" } as const,
    ),
    fc.constantFrom(
      { type: "door-open" } as const,
      { type: "deadline" } as const,
      { type: "relay-ordered", reason: "x" } as const,
    ),
  );
  fc.assert(
    fc.property(fc.constantFrom(lower, higher), fc.array(event, { maxLength: 40 }), (config, events) => {
      let state = initialPunchState;
      const held = new Set<number>();
      for (const happening of events) {
        const settled = ["connected", "relayed", "failed"].includes(state.name);
        const [next, effects] = stepPunch(config, state, happening);
        if (settled) expect(next).toBe(state);
        for (const effect of effects) {
          if (effect.type === "dial" || effect.type === "accept") held.add(effect.id);
          if (effect.type === "discard") held.delete(effect.id);
          if (effect.type === "connected") held.delete(effect.id);
        }
        state = next;
        // What the driver still holds is what the state knows of, or what it was just told to hold.
        const known = "attempts" in state ? state.attempts.map((attempt) => attempt.id) : [];
        for (const socket of held) {
          if (
            !known.includes(socket) &&
            effects.every((effect) => !("id" in effect) || effect.id !== socket)
          ) {
            held.delete(socket);
            expect(happening.type).toBe("dial-failed"); // A dial that failed holds nothing.
          }
        }
      }
    }),
    { numRuns: 2_000 },
  );
});
