// A worker's network on which what its peers send comes over a line (see inbound-line.ts): their connections only, and
// only those in the clear, because an encrypted one reads past Node's streams. What is dialled without a reader of its
// own, as the orchestrator is, stays as it is.

import type { BufferedReader, Net, Socket } from "@fnmesh/core/internal";
import type { InboundLine } from "./inbound-line.ts";

/** Tells a worker's process, in its environment, the line into it: "bytes a second,latency in milliseconds". */
export const lineVariable = "FNMESH_BENCH_LINE";

/** As much as the kernel gives at once. */
const readBytes = 64 * 1024;

export const lateNet = (net: Net, line: InboundLine): Net => ({
  packetBytes: net.packetBytes,
  hostAddresses: () => net.hostAddresses(),
  ephemeralPorts: () => net.ephemeralPorts(),
  async dial(options) {
    const { reader } = options;
    if (reader === undefined) return await net.dial(options);
    return late(await net.dial({ ...options, reader: lateReader(reader, line) }), line);
  },
  listen: (options) =>
    net.listen({ ...options, onConnection: (socket) => options.onConnection(late(socket, line)) }),
});

/** What is pushed into the stream (bytes, and at last the end) takes its time. */
function late(socket: Socket, line: InboundLine): Socket {
  const push = socket.push.bind(socket);
  socket.push = (chunk: Uint8Array | null) => {
    line.carry(chunk?.length ?? 0, () => {
      if (socket.destroyed) return;
      push(chunk);
      if (chunk === null) socket.read(0); // As Node does it: the end shows to who reads.
    });
    return true;
  };
  return socket;
}

function lateReader(reader: BufferedReader, line: InboundLine): BufferedReader {
  const scratch = new Uint8Array(readBytes);
  return {
    nextBuffer: () => scratch,
    advance(count) {
      const bytes = scratch.slice(0, count);
      line.carry(count, () => handOn(reader, bytes));
      return true;
    },
  };
}

/** Into the memory that the reader gives, piece by piece; a reader that has failed wants no more. */
function handOn(reader: BufferedReader, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    const into = reader.nextBuffer();
    const piece = bytes.subarray(at, at + into.length);
    into.set(piece);
    if (!reader.advance(piece.length)) return;
    at += piece.length;
  }
}
