// The last step of a direct path. The lower rank nominates one socket; both send some full packets over it and
// wait for the other's acknowledgement. A path that swallows full packets (a path-MTU black hole) shows now, not in the job.

import { encodePeerHeader, type PeerHeader, peerFrame } from "../channel/peer-frame.ts";
import type { PeerFrameSink } from "../channel/peer-frame-reader.ts";
import { FnmeshError, protocolError } from "../errors/errors.ts";
import type { Link, LinkEvents } from "./link.ts";

export const mostProbeBytes = 64 * 1024;
/** What a probe carries says nothing, so all probes send the same zeros and read into the same bin. */
const zeros = Buffer.alloc(mostProbeBytes);
const bin = Buffer.alloc(mostProbeBytes);

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
  readonly #probePayload: Uint8Array;
  #nominated: boolean;
  #probeSeen = false;
  #acknowledged = false;

  constructor({ link, role, packetBytes }: ConfirmOptions, events: ConfirmEvents) {
    const lower = role === "lower";
    this.#link = link;
    // Twice a packet has at least one that is full, wherever the stream is cut.
    this.#probePayload = zeros.subarray(0, 2 * packetBytes);
    this.#events = events;
    this.#nominated = lower;
    link.attach(this, this);
    if (!lower) return;
    link.write(encodePeerHeader({ type: peerFrame.nominate }));
    this.#probe();
  }

  place(header: PeerHeader): Uint8Array {
    const { type, payloadBytes } = header;
    if (type !== peerFrame.probe || payloadBytes > mostProbeBytes) throw stray(type);
    return bin.subarray(0, payloadBytes);
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
      throw stray(header.type);
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
    const payload = this.#probePayload;
    this.#link.write(encodePeerHeader({ type: peerFrame.probe }, payload.length), payload);
  }
}

const stray = (type: number) => protocolError(`a frame of type ${type} before the connection stands`);

export interface ConfirmOptions {
  readonly link: Link;
  /** The pair's lower rank nominates. */
  readonly role: "lower" | "higher";
  /** The largest packet that this side may send. */
  readonly packetBytes: number;
}

/** Confirms a secured link. */
export function confirmLink(options: ConfirmOptions, events: ConfirmEvents): void {
  new Confirmation(options, events);
}
