// The last step of a direct path. The lower rank nominates one socket; both send 64 KiB over it and wait for the
// other's acknowledgement. A path that swallows full packets (a path-MTU black hole) shows now, not in the job.

import { encodePeerHeader, type PeerHeader, peerFrame } from "../channel/peer-frame.ts";
import type { PeerFrameSink } from "../channel/peer-frame-reader.ts";
import { FnmeshError } from "../errors/errors.ts";
import type { Link, LinkEvents } from "./link.ts";

export const probeBytes = 64 * 1024;
/** What a probe carries says nothing, so all probes send the same zeros and read into the same bin. */
const probePayload = Buffer.alloc(probeBytes);
const bin = Buffer.alloc(probeBytes);

export interface ConfirmEvents {
  /** The higher rank: this socket was nominated. */
  onNominated(): void;
  /** Full packets go both ways. The next frame belongs to the session, so attach it before returning. */
  onConfirmed(): void;
  onFailed(error: Error): void;
}

class Confirmation implements PeerFrameSink, LinkEvents {
  readonly #link: Link;
  readonly #events: ConfirmEvents;
  #nominated: boolean;
  #probeSeen = false;
  #acknowledged = false;

  constructor(link: Link, lower: boolean, events: ConfirmEvents) {
    this.#link = link;
    this.#events = events;
    this.#nominated = lower;
    link.attach(this, this);
    if (!lower) return;
    link.write(encodePeerHeader({ type: peerFrame.nominate }));
    this.#probe();
  }

  place(header: PeerHeader): Uint8Array {
    if (header.type !== peerFrame.probe || header.payloadBytes !== probeBytes) {
      throw new FnmeshError("PROTOCOL", `a frame of type ${header.type} before the connection stands`);
    }
    return bin;
  }

  frame(header: PeerHeader): void {
    if (header.type === peerFrame.nominate && !this.#nominated) {
      this.#nominated = true;
      this.#events.onNominated();
      this.#probe();
    } else if (header.type === peerFrame.probe && this.#nominated && !this.#probeSeen) {
      this.#probeSeen = true;
      this.#link.write(encodePeerHeader({ type: peerFrame.probeAck }));
    } else if (header.type === peerFrame.probeAck && this.#nominated && !this.#acknowledged) {
      this.#acknowledged = true;
    } else {
      throw new FnmeshError("PROTOCOL", `a frame of type ${header.type} before the connection stands`);
    }
    if (this.#probeSeen && this.#acknowledged) this.#events.onConfirmed();
  }

  onDrain(): void {}

  onClose(error: Error | undefined): void {
    this.#events.onFailed(
      error ?? new FnmeshError("PEER_LOST", "the peer closed the connection while it was made"),
    );
  }

  #probe(): void {
    this.#link.write(encodePeerHeader({ type: peerFrame.probe }, probeBytes), probePayload);
  }
}

/** Confirms a secured link, as the pair's lower rank or as the higher one. */
export function confirmLink(link: Link, role: "lower" | "higher", events: ConfirmEvents): void {
  new Confirmation(link, role === "lower", events);
}
