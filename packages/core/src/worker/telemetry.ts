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

/** Grows with whatever the pair carries: 0 is not worth telling. */
const carried = ({ counters: { sent, received } }: PairUse): number =>
  sent.messages + sent.bytes + received.messages + received.bytes;

/** Returns the reporter: call it now and then, and once at the end. */
export function createTelemetry({ pairs, startedAt, send }: TelemetryOptions): () => void {
  const told = new Map<number, number>();
  return () => {
    const changed = pairs.uses().filter((use) => (told.get(use.rank) ?? 0) !== carried(use));
    for (const use of changed) told.set(use.rank, carried(use));
    const { first, last } = pairs.times;
    const connect =
      first === undefined || last === undefined
        ? {}
        : { connect: { firstMs: first - startedAt, lastMs: last - startedAt } };
    send({
      type: "telemetry",
      peers: changed.map(describe),
      ...connect,
      memoryBytes: process.memoryUsage.rss(),
    });
  };
}
