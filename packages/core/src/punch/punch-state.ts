// How one pair gets its path, as a pure state machine: step(state, event) gives the next state and what is to be
// done. The driver (pair-connector.ts) does it. Both sides run the same machine; they differ only by `role`.
//
//   introducing --introduced--> punching --a socket is secured and nominated--> confirming --> connected
//        ^                         |  ^                                             |
//        '----- round failed ------'  '------------- probe failed, once ------------'
//   and from everywhere: relayed (no direct path), failed (that, but a direct path was demanded; or the deadline)

import type { Route } from "../nat/routes.ts";
import type { Attempt, PunchConfig, PunchEffect, PunchEvent, PunchState, Round } from "./punch-events.ts";

/** A second path that carries no full packets is not bad luck. */
const mostProbeFailures = 2;

/** After the burst, refusals are answered slowly: the other side's dial has to meet one of ours. */
const pausedDial = { afterMs: 15, jitterMs: 35 } as const;
/** At once: only while a dial is out can the peer's meet it. */
const burstDial = { afterMs: 0, jitterMs: 0 } as const;
/** No route, or the local port is still held by the socket before: a moment may change that. */
const failedDial = { afterMs: 100, jitterMs: 100 } as const;

type Step = readonly [PunchState, readonly PunchEffect[]];

export const initialPunchState: PunchState = { name: "introducing", round: 0, probeFailures: 0 };

export function stepPunch(config: PunchConfig, state: PunchState, event: PunchEvent): Step {
  if (state.name === "connected" || state.name === "relayed" || state.name === "failed")
    return [state, lateEffects(state, event)];
  switch (event.type) {
    case "introduced":
      return onIntroduced(config, state, event);
    case "relay-ordered":
      return settle(state, config.relay ? "relayed" : "failed", event.reason);
    case "deadline":
      return onDeadline(config, state);
    default:
      return state.name === "introducing" ? [state, strayEffects(event)] : onRoundEvent(config, state, event);
  }
}

/** What still comes in after the pair is settled belongs to attempts that lost. */
function lateEffects(state: PunchState, event: PunchEvent): readonly PunchEffect[] {
  if (state.name === "connected" && "id" in event && event.id === state.chosen) return [];
  return strayEffects(event);
}

function strayEffects(event: PunchEvent): readonly PunchEffect[] {
  return "id" in event ? [{ type: "discard", id: event.id }] : [];
}

type Introduced = Extract<PunchEvent, { type: "introduced" }>;

function onIntroduced(config: PunchConfig, state: PunchState, event: Introduced): Step {
  if (state.name !== "introducing" && event.round <= (state as Round).round) return [state, []];
  const dropped = state.name === "introducing" ? [] : discardAll(state as Round);
  const first = state.name === "introducing" ? 1 : (state as Round).nextId;
  const attempts = event.routes.map(
    (route, index): Attempt => ({ id: first + index, route, phase: "dialling" }),
  );
  const next: PunchState = {
    name: "punching",
    round: event.round,
    rounds: event.rounds,
    attempts,
    nextId: first + attempts.length,
    burstOver: false,
    over: false,
    refused: false,
    probeFailures: "probeFailures" in state ? state.probeFailures : 0,
  };
  if (event.rounds === 0) {
    const [settled, effects] = giveUp(config, next, "neither NAT keeps one mapping for all destinations");
    return [settled, [...dropped, ...effects]];
  }
  const dials = attempts.map(
    ({ id, route }): PunchEffect => ({
      type: "dial",
      id,
      route: route!,
      afterMs: event.delayMs + route!.afterMs,
      jitterMs: 0,
    }),
  );
  return [next, [...dropped, { type: "start-round", afterMs: event.delayMs }, ...dials]];
}

function onRoundEvent(config: PunchConfig, state: Extract<PunchState, Round>, event: PunchEvent): Step {
  switch (event.type) {
    case "dialled":
      return onDialled(state, event.id);
    case "accepted": {
      const attempt: Attempt = { id: state.nextId, route: undefined, phase: "securing" };
      const next = { ...state, attempts: [...state.attempts, attempt], nextId: state.nextId + 1 };
      return [
        next,
        [
          { type: "accept", id: attempt.id },
          { type: "secure", id: attempt.id },
          ...holdOthers(state, attempt.id),
        ],
      ];
    }
    case "dial-failed":
      return onDialFailed(state, event);
    case "secured":
      return onSecured(config, state, event.id);
    case "insecure":
      return onLost(config, without(state, event.id), [{ type: "discard", id: event.id }]);
    case "nominated":
      return config.role === "higher" ? choose(state, event.id, []) : [state, []];
    case "confirmed":
      return onConfirmed(state, event.id);
    case "unconfirmed":
      return onUnconfirmed(config, state, event);
    case "burst-over":
      return [{ ...state, burstOver: true }, needsDoor(config, state) ? [{ type: "open-door" }] : []];
    case "door-open":
      return [
        state,
        underway(state)
          ? []
          : [{ type: "ask-retry", round: state.round + 1, reason: "the dials do not meet" }],
      ];
    case "round-over":
      return onRoundOver(config, state);
    default:
      return [state, []];
  }
}

function onDialled(state: Extract<PunchState, Round>, id: number): Step {
  const [next, effects] = advance(state, id, "securing", { type: "secure", id });
  // Where both dialled, the peer is there, and its handshake deserves the time. A listener may be anybody's.
  const isPeer = state.attempts.some((attempt) => attempt.id === id && attempt.route?.kind === "so");
  return [next, isPeer ? [...effects, ...holdOthers(state, id)] : effects];
}

const holdOthers = (state: Round, id: number): readonly PunchEffect[] =>
  state.attempts
    .filter((other) => other.id !== id && other.phase === "dialling")
    .map((other) => ({ type: "hold", id: other.id }));

const hurryAll = (state: Round): readonly PunchEffect[] =>
  state.attempts.filter(({ phase }) => phase === "dialling").map(({ id }) => ({ type: "hurry", id }));

function onDialFailed(
  state: Extract<PunchState, Round>,
  event: Extract<PunchEvent, { type: "dial-failed" }>,
): Step {
  const attempt = state.attempts.find(({ id }) => id === event.id);
  if (attempt?.route === undefined || state.name === "confirming") return [without(state, event.id), []];
  const again: PunchEffect = {
    type: "dial",
    id: attempt.id,
    route: attempt.route,
    ...pace(state, attempt.route, event.refused),
  };
  // A refusal may come from the peer itself, through a NAT that lets everybody in: then its listener is open, too.
  const listeners = event.refused && attempt.route.kind === "so" ? dialling(state, "passive-mapped") : [];
  const next = { ...state, refused: state.refused || event.refused };
  return [next, [...listeners.map(({ id }): PunchEffect => ({ type: "hurry", id })), again]];
}

const dialling = (state: Round, kind: Route["kind"]): readonly Attempt[] =>
  state.attempts.filter(({ phase, route }) => phase === "dialling" && route?.kind === kind);

function pace(state: Round, { kind }: Route, refused: boolean) {
  if (!refused) return failedDial;
  return state.burstOver || kind !== "so" ? pausedDial : burstDial;
}

function onSecured(config: PunchConfig, state: Extract<PunchState, Round>, id: number): Step {
  const confirm: PunchEffect = { type: "confirm", id };
  if (config.role === "higher") return advance(state, id, "ready", confirm);
  if (state.name === "confirming") return [without(state, id), [{ type: "discard", id }]];
  return choose(state, id, [confirm]);
}

/** The pair's one socket: everything else goes. */
function choose(state: Extract<PunchState, Round>, id: number, effects: readonly PunchEffect[]): Step {
  const attempts = state.attempts.filter((attempt) => attempt.id === id);
  if (attempts.length === 0) return [state, [{ type: "discard", id }]];
  const losers = state.attempts.filter((attempt) => attempt.id !== id);
  return [
    { ...state, name: "confirming", chosen: id, attempts },
    [...losers.map((loser): PunchEffect => ({ type: "discard", id: loser.id })), ...effects],
  ];
}

function onConfirmed(state: Extract<PunchState, Round>, id: number): Step {
  if (state.name !== "confirming" || state.chosen !== id) return [state, [{ type: "discard", id }]];
  return [{ name: "connected", chosen: id, round: state.round }, [{ type: "connected", id }]];
}

function onUnconfirmed(
  config: PunchConfig,
  state: Extract<PunchState, Round>,
  event: Extract<PunchEvent, { type: "unconfirmed" }>,
): Step {
  // The higher rank awaits nomination on several sockets: one that the lower rank dropped is nothing.
  if (state.name !== "confirming" || state.chosen !== event.id) {
    return onLost(config, without(state, event.id), [{ type: "discard", id: event.id }]);
  }
  const probeFailures = state.probeFailures + 1;
  const failed = { ...state, probeFailures };
  return probeFailures >= mostProbeFailures
    ? giveUp(config, failed, `the direct path does not carry full packets: ${event.reason}`)
    : nextRound(config, failed, `the path probe failed: ${event.reason}`);
}

function onRoundOver(config: PunchConfig, state: Extract<PunchState, Round>): Step {
  return onLost(config, { ...state, over: true }, []);
}

const underway = (state: Round): boolean => state.attempts.some(({ phase }) => phase !== "dialling");

/**
 * NATs that answer with RST need two dials to cross within one round trip; between machines that are close or busy they
 * may never do. Then one side listens where the other one may dial (see side-door.ts).
 */
const needsDoor = (config: PunchConfig, state: Extract<PunchState, Round>): boolean =>
  config.role === "lower" &&
  state.name === "punching" &&
  state.refused &&
  state.round === 0 &&
  !underway(state);

/** A socket that stands is given the time that its handshake needs; when none is left, so is the round. */
function onLost(
  config: PunchConfig,
  state: Extract<PunchState, Round>,
  effects: readonly PunchEffect[],
): Step {
  if (underway(state)) return [state, effects];
  if (!state.over) return [state, [...effects, ...hurryAll(state)]];
  const [next, more] = nextRound(config, state, "no connection came through the NATs");
  return [next, [...effects, ...more]];
}

function nextRound(config: PunchConfig, state: Extract<PunchState, Round>, reason: string): Step {
  const round = state.round + 1;
  if (round >= state.rounds && state.probeFailures === 0) return giveUp(config, state, reason);
  if (round > state.rounds) return giveUp(config, state, reason);
  return [
    { name: "introducing", round, probeFailures: state.probeFailures },
    [...discardAll(state), { type: "ask-retry", round, reason }],
  ];
}

function giveUp(config: PunchConfig, state: Extract<PunchState, Round>, reason: string): Step {
  if (!config.relay) return settle(state, "failed", reason);
  // The orchestrator's order to use the relay comes to both sides and settles it.
  return [
    { name: "introducing", round: state.round + 1, probeFailures: state.probeFailures },
    [...discardAll(state), { type: "ask-relay", reason }],
  ];
}

function onDeadline(config: PunchConfig, state: PunchState): Step {
  const reason = "the time to connect is over";
  return settle(state, "failed", config.relay ? `${reason}, and the relay did not answer` : reason);
}

function settle(state: PunchState, name: "relayed" | "failed", reason: string): Step {
  const dropped = "attempts" in state ? discardAll(state) : [];
  return [{ name, reason, round: state.round }, [...dropped, { type: name, reason }]];
}

function advance(
  state: Extract<PunchState, Round>,
  id: number,
  phase: Attempt["phase"],
  effect: PunchEffect,
): Step {
  if (!state.attempts.some((attempt) => attempt.id === id)) return [state, [{ type: "discard", id }]];
  const attempts = state.attempts.map((attempt) => (attempt.id === id ? { ...attempt, phase } : attempt));
  return [{ ...state, attempts }, [effect]];
}

const discardAll = (state: Round): readonly PunchEffect[] =>
  state.attempts.map(({ id }) => ({ type: "discard", id }));

const without = <S extends Extract<PunchState, Round>>(state: S, id: number): S => ({
  ...state,
  attempts: state.attempts.filter((attempt) => attempt.id !== id),
});
