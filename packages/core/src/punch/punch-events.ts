// What can happen to a pair while it gets its path, what is to be done then, and what it remembers: the words of the
// punch state machine (punch-state.ts).

import type { Route } from "../nat/routes.ts";

/** One try at one route, or a socket that the peer dialled. */
export interface Attempt {
  readonly id: number;
  /** Undefined: the peer dialled our listener. */
  readonly route: Route | undefined;
  readonly phase: "dialling" | "securing" | "ready";
}

export type PunchState =
  | { readonly name: "introducing"; readonly round: number; readonly probeFailures: number }
  | ({ readonly name: "punching" } & Round)
  | ({ readonly name: "confirming"; readonly chosen: number } & Round)
  | { readonly name: "connected"; readonly chosen: number; readonly round: number }
  | { readonly name: "relayed"; readonly reason: string; readonly round: number }
  | { readonly name: "failed"; readonly reason: string; readonly round: number };

export interface Round {
  readonly round: number;
  readonly rounds: number;
  readonly attempts: readonly Attempt[];
  readonly nextId: number;
  /** Milliseconds since the introduction after which refusals are no longer answered at once. */
  readonly burstOver: boolean;
  /** The time to dial is over; what is being secured still has its own. */
  readonly over: boolean;
  /** Whether the peer's NAT, or the peer, answered a dial with RST. */
  readonly refused: boolean;
  readonly probeFailures: number;
}

export type PunchEvent =
  | {
      readonly type: "introduced";
      readonly round: number;
      readonly rounds: number;
      readonly routes: readonly Route[];
      readonly delayMs: number;
    }
  | { readonly type: "dialled"; readonly id: number }
  | { readonly type: "dial-failed"; readonly id: number; readonly refused: boolean; readonly reason: string }
  | { readonly type: "accepted" }
  | { readonly type: "secured"; readonly id: number }
  | { readonly type: "insecure"; readonly id: number; readonly reason: string }
  /** The lower rank chose this socket. */
  | { readonly type: "nominated"; readonly id: number }
  | { readonly type: "confirmed"; readonly id: number }
  | { readonly type: "unconfirmed"; readonly id: number; readonly reason: string }
  | { readonly type: "burst-over" }
  /** A listener of our own stands that the peer's NAT and ours let the peer dial. */
  | { readonly type: "door-open" }
  | { readonly type: "round-over" }
  | { readonly type: "relay-ordered"; readonly reason: string }
  | { readonly type: "deadline" };

export type PunchEffect =
  | {
      readonly type: "dial";
      readonly id: number;
      readonly route: Route;
      readonly afterMs: number;
      readonly jitterMs: number;
    }
  /** Do not begin with this dial for now, if it has not begun. */
  | { readonly type: "hold"; readonly id: number }
  /** Do not wait any longer with this dial. */
  | { readonly type: "hurry"; readonly id: number }
  | { readonly type: "accept"; readonly id: number }
  | { readonly type: "secure"; readonly id: number }
  /** Nominate (lower rank) or await nomination (higher rank), then probe. */
  | { readonly type: "confirm"; readonly id: number }
  | { readonly type: "discard"; readonly id: number }
  | { readonly type: "start-round"; readonly afterMs: number }
  | { readonly type: "open-door" }
  | { readonly type: "ask-retry"; readonly round: number; readonly reason: string }
  | { readonly type: "ask-relay"; readonly reason: string }
  | { readonly type: "connected"; readonly id: number }
  | { readonly type: "relayed"; readonly reason: string }
  | { readonly type: "failed"; readonly reason: string };

export interface PunchConfig {
  readonly role: "lower" | "higher";
  /** Whether the pair may use the relay. */
  readonly relay: boolean;
}
