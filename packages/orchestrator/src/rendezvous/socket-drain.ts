// Waiting until a socket takes more: the sender's side of back-pressure.

import type { Writable } from "node:stream";

/** Resolves when the socket has room again, or never will: the next write tells which. */
export function drained(socket: Writable): Promise<void> {
  if (!socket.writableNeedDrain || socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const settle = () => {
      socket.off("drain", settle);
      socket.off("close", settle);
      resolve();
    };
    socket.on("drain", settle);
    socket.on("close", settle);
  });
}
