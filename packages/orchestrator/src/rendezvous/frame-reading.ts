// Frames out of a socket, one after the other: a handler that takes its time holds the sender back.

import type { Readable } from "node:stream";
import { type Frame, FrameDecoder } from "@fnmesh/core/protocol";

/**
 * Resolves when the stream has ended between two frames. Rejects with what the handler threw, the decoder's
 * FRAME_TOO_LARGE, PROTOCOL or TRUNCATED, or the stream's own error. Ending or destroying the stream is the caller's.
 */
export async function readFrames(
  stream: Readable,
  mostBytes: number,
  onFrame: (frame: Frame) => void | Promise<void>,
): Promise<void> {
  const decoder = new FrameDecoder(mostBytes);
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    for (const frame of decoder.push(chunk as Uint8Array)) {
      const taken = onFrame(frame);
      if (taken !== undefined) await taken;
    }
  }
  decoder.end();
}
