// What a worker tells of itself while it runs. Totals, and only of the pairs that changed: losing one does no harm.

import type { PairTable, PairUse } from "../peers/pair-table.ts";
import type { MessageBody, WorkerMessage } from "../protocol/control.ts";

type Telemetry = MessageBody<WorkerMessage, "telemetry">;

export interface TelemetryOptions {
  readonly pairs: PairTable;
  readonly startedAt: number;
  readonly send: (message: WorkerMessage) => void;
}

const describe = ({
  rank,
  path,
  reason,
  counters: { sent, received },
}: PairUse): Telemetry["peers"][number] => ({
  rank,
  path,
  ...(reason === undefined ? {} : { reason: reason.slice(0, 512) }),
  sentMessages: sent.messages,
  sentBytes: sent.bytes,
  receivedMessages: received.messages,
  receivedBytes: received.bytes,
});

/** Returns the reporter: call it now and then, and once at the end. */
export function createTelemetry({ pairs, startedAt, send }: TelemetryOptions): () => void {
  const told = new Map<number, string>();
  return () => {
    const peers = pairs.uses().map(describe);
    const changed = peers.filter((peer) => told.get(peer.rank) !== JSON.stringify(peer));
    for (const peer of changed) told.set(peer.rank, JSON.stringify(peer));
    const { first, last } = pairs.times;
    const connect =
      first === undefined || last === undefined
        ? {}
        : { connect: { firstMs: first - startedAt, lastMs: last - startedAt } };
    send({ type: "telemetry", peers: changed, ...connect, memoryBytes: process.memoryUsage.rss() });
  };
}
