// What all pairs of a worker have in common.

import type { Window } from "../channel/inbound.ts";
import type { Mailbox } from "../channel/mailbox.ts";
import type { Hub } from "../hub/hub.ts";
import type { MessageBody, OrchestratorMessage } from "../protocol/control.ts";
import type { PairContext } from "../punch/pair-connector.ts";

export type Route = Omit<MessageBody<OrchestratorMessage, "route">, "type">;

/** What all pairs of a worker have in common. */
export interface PairShared extends PairContext {
  readonly window: Window;
  readonly mostMessageBytes: number;
  readonly mailbox: Mailbox;
  /** Whether direct is one of the ways. */
  readonly punches: boolean;
  /** Whether a pair's path may change: there is more than one way. */
  readonly lasting: boolean;
  /** The way to all peers that a route names, made at the first call. */
  readonly hub: (route: Route) => Promise<Hub>;
  /** The pair's route (0: the direct path) has failed here: it wants the next one. */
  readonly askRoute: (peer: number, route: number, reason: string) => void;
}
