// What a worker tells of itself while it runs. Totals, and only of the pairs that changed: losing one does no harm.

import type { PairTable, PairUse } from "../peers/pair-table.ts";
import type { MessageBody, WorkerMessage } from "../protocol/control.ts";

type Telemetry = MessageBody<WorkerMessage, "telemetry">;

export interface TelemetryOptions {
  readonly pairs: PairTable;
  readonly startedAt: number;
  /** When this worker was let in: paths are told from here on. */
  readonly welcomedAt: number;
  readonly storeUsages: () => NonNullable<Telemetry["stores"]>;
  readonly inputUsage: () => Telemetry["input"];
  readonly send: (message: WorkerMessage) => void;
}

const describe = (
  { rank, path, since, reason, isTrying, earlier, counters: { sent, received } }: PairUse,
  welcomedAt: number,
): Telemetry["peers"][number] => ({
  rank,
  path,
  sinceMs: Math.max(0, Math.round(since - welcomedAt)),
  ...(reason === undefined ? {} : { reason: toldReason(reason, isTrying) }),
  ...(earlier.length > 0 ? { earlier } : {}),
  sentMessages: sent.messages,
  sentBytes: sent.bytes,
  receivedMessages: received.messages,
  receivedBytes: received.bytes,
});

const mostReason = 512;
const stillTries = "; it still tries";

/** A job may be over before a pair knows whether it can be direct. */
const toldReason = (reason: string, isTrying: boolean): string =>
  isTrying ? `${reason.slice(0, mostReason - stillTries.length)}${stillTries}` : reason.slice(0, mostReason);

/** Changes with whatever the pair carries, with its way and with why it has that; empty: not worth telling. */
function carried({ path, since, reason, isTrying, counters: { sent, received } }: PairUse): string {
  const sum = sent.messages + sent.bytes + received.messages + received.bytes;
  return sum === 0 ? "" : `${path} ${since} ${sum} ${isTrying} ${reason}`;
}

/** Returns the reporter: call it now and then, and once at the end. */
export function createTelemetry(options: TelemetryOptions): () => void {
  const { pairs, startedAt, welcomedAt, storeUsages, inputUsage, send } = options;
  const told = new Map<number, string>();
  return () => {
    const changed = pairs.uses().filter((use) => (told.get(use.rank) ?? "") !== carried(use));
    for (const use of changed) told.set(use.rank, carried(use));
    const stores = storeUsages();
    const input = inputUsage();
    const { first, last } = pairs.times;
    const connect =
      first === undefined || last === undefined
        ? {}
        : { connect: { firstMs: first - startedAt, lastMs: last - startedAt } };
    send({
      type: "telemetry",
      peers: changed.map((use) => describe(use, welcomedAt)),
      ...connect,
      ...(stores.length > 0 ? { stores } : {}),
      ...(input === undefined ? {} : { input }),
      memoryBytes: process.memoryUsage.rss(),
    });
  };
}
