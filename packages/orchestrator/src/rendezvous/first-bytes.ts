// The first bytes of a connection, before whoever it is for reads it.

import type { Socket } from "@fnmesh/core/internal";

/**
 * Resolves with what has come as soon as `enough` says so, or nothing more will come. Rejects with the signal's reason.
 * The bytes are out of the socket: `unshift` puts back what is not the caller's.
 */
export function firstBytes(
  socket: Socket,
  signal: AbortSignal,
  enough: (bytes: Buffer) => boolean,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const settle = () => {
      socket.off("readable", read);
      socket.off("close", done);
      socket.off("end", done);
      signal.removeEventListener("abort", abort);
    };
    const done = () => {
      settle();
      resolve(bytes);
    };
    const abort = () => {
      settle();
      reject(signal.reason);
    };
    const read = () => {
      for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) {
        bytes = Buffer.concat([bytes, chunk as Buffer]);
      }
      if (enough(bytes)) done();
    };
    socket.on("readable", read);
    socket.on("close", done);
    socket.on("end", done);
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
  });
}
