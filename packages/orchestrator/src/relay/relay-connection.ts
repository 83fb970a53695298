// One worker's relay connection: its frames go into the relay, the relay's frames for it go out.

import type { TLSSocket } from "node:tls";
import { FnmeshError } from "@fnmesh/core";
import { encodeRelayReady, mostRelayFrameBytes } from "@fnmesh/core/protocol";
import { readFrames } from "../rendezvous/frame-reading.ts";
import type { RefusalReason } from "../rendezvous/refusals.ts";
import type { Relay } from "./relay.ts";

/**
 * What may wait in the socket itself: enough to keep a fast path busy, little enough that a new sender's first frame
 * does not wait long behind it.
 */
const mostUnsentBytes = 256 * 1024;

export interface RelayEnding {
  readonly detail: string;
  /** Set when the worker broke the protocol. */
  readonly refused?: RefusalReason;
}

/** Serves until the connection is over; the socket is destroyed then. Never rejects. */
export async function serveRelay(relay: Relay, rank: number, socket: TLSSocket): Promise<RelayEnding> {
  const roomAgain = () => {
    if (socket.writableLength < mostUnsentBytes / 2) relay.roomFor(rank);
  };
  const write = (frame: Uint8Array): boolean => {
    socket.write(frame, roomAgain);
    return socket.writableLength < mostUnsentBytes;
  };
  socket.write(encodeRelayReady());
  relay.open(rank, { write });
  const ending = await readFrames(socket, mostRelayFrameBytes, (frame) => relay.accept(rank, frame)).then(
    () => ({ detail: "the worker closed its relay connection" }),
    endingOf,
  );
  socket.destroy();
  return ending;
}

function endingOf(error: unknown): RelayEnding {
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof FnmeshError && error.code === "FRAME_TOO_LARGE") {
    return { detail, refused: "frame-too-large" };
  }
  if (error instanceof FnmeshError && error.code === "PROTOCOL") return { detail, refused: "protocol" };
  return { detail: `the relay connection broke: ${detail}` };
}
