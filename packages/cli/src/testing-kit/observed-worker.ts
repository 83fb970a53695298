// A worker as its job sees it in a test: the real one, with someone who notices when it waits for fnmesh, which stage it
// is in, and who may cut its input into small pieces.

import type { InputSplit, RuntimeWorker } from "@fnmesh/core";
import { type Inner, inner, type PeersWithInner } from "@fnmesh/core/internal";
import type { Waiting } from "./waiting.ts";

export interface Observer {
  readonly waiting: Waiting;
  readonly onStage: (name: string) => void;
  readonly chunkBytes: number | undefined;
}

export function observed(worker: RuntimeWorker, { waiting, onStage, chunkBytes }: Observer): RuntimeWorker {
  return {
    ...worker,
    peers: observedPeers(worker.peers as PeersWithInner, waiting),
    input: worker.input.map((split) => observedSplit(split, waiting, chunkBytes)),
    output: { write: (bytes) => waiting.during(worker.output.write(bytes)) },
    barrier: () => waiting.during(worker.barrier()),
    stage(name, body) {
      onStage(name);
      return worker.stage(name, body);
    },
  };
}

function observedPeers(peers: PeersWithInner, waiting: Waiting): PeersWithInner {
  const within = peers[inner];
  const observedInner: Inner = {
    load: (wanted) => waiting.during(within.load(wanted)),
    send: (...args) => waiting.during(within.send(...args)),
    receive: (...args) => waiting.during(within.receive(...args)),
  };
  return {
    ...peers,
    [inner]: observedInner,
    send: (...args) => waiting.during(peers.send(...args)),
    receive: (...args) => waiting.during(peers.receive(...args)),
    connectAll: (...args) => waiting.during(peers.connectAll(...args)),
    openStream(...args) {
      const stream = peers.openStream(...args);
      return {
        write: (chunk) => waiting.during(stream.write(chunk)),
        end: () => waiting.during(stream.end()),
      };
    },
    readStream: (...args) => observedChunks(peers.readStream(...args), waiting),
  };
}

function observedSplit(split: InputSplit, waiting: Waiting, chunkBytes: number | undefined): InputSplit {
  const chunks = () => observedChunks(split.chunks(), waiting);
  return {
    ...split,
    chunks: () => (chunkBytes === undefined ? chunks() : cut(chunks(), chunkBytes)),
    read: () => waiting.during(split.read()),
  };
}

async function* observedChunks(
  source: AsyncIterable<Uint8Array>,
  waiting: Waiting,
): AsyncGenerator<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await waiting.during(chunks.next());
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // Whoever stops early stops the source, too.
    await chunks.return?.();
  }
}

async function* cut(source: AsyncIterable<Uint8Array>, chunkBytes: number): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; at += chunkBytes) yield chunk.subarray(at, at + chunkBytes);
  }
}
