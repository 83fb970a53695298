// A way to all peers by way of somebody in the middle: the relay, or a store. One for each worker and rung.

import type { FnmeshError } from "../errors/errors.ts";
import type { Link } from "../link/link.ts";
import type { PathName } from "../protocol/rungs.ts";

export interface HubPeer {
  readonly rank: number;
  /** What another attempt of the peer sends, or has sent, is not for this link. */
  readonly attempt: number;
}

export interface Hub {
  readonly path: PathName;
  /**
   * The link to a peer; one at most for each peer, for the hub's whole life. Frames of the peer that came before are
   * kept for it, within the peer's window. All links end by `onClose` with an error when the middle is gone for good
   * (STORE_UNAVAILABLE, STORE_AUTH, STORE_FULL, STORE_LOST; for the relay whatever broke it).
   */
  open(peer: HubPeer): Link;
  /** Nothing comes from this peer any more: its link ends with the error. */
  gone(peer: number, error: FnmeshError): void;
  /** Ends in order, after what was written is delivered to the middle. May be called twice. */
  close(): Promise<void>;
  /** At once. May be called twice. */
  destroy(): void;
}
