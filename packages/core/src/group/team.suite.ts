// Workers of one process, for tests: real mailboxes, and between each two of them a line that keeps the order and takes
// its time, which is another for each message.

import { createMailbox, firstInnerTag, type Incoming } from "../channel/mailbox.ts";
import { FnmeshError } from "../errors/errors.ts";
import type { InnerPeers } from "../peers/inner.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { valueKind } from "../values/values.ts";
import type { Choices } from "./choices.ts";
import { createGroup, newRoots } from "./create-group.ts";
import type { Group } from "./group.ts";

export interface Team {
  readonly groups: readonly Group[];
  readonly peers: readonly InnerPeers[];
  /** Messages and bytes that each has sent. */
  readonly sent: readonly { messages: number; bytes: number }[];
  /** What this worker has sent arrives; then the others learn that it has finished, or was lost. */
  leave(rank: number, code: "PEER_FINISHED" | "PEER_LOST"): Promise<void>;
  /** As when the job fails: nobody hears of anybody any more. */
  end(): void;
}

export interface TeamOptions {
  readonly size: number;
  readonly seed?: number;
  readonly choices?: Choices;
}

export function createTeam({ size, seed = 1, choices }: TeamOptions): Team {
  const random = seededRandom(seed);
  const mailboxes = Array.from({ length: size }, () => createMailbox({ peers: size - 1 }));
  const lines = new Map<string, Promise<void>>();
  const sent = Array.from({ length: size }, () => ({ messages: 0, bytes: 0 }));
  const members = Array.from({ length: size }, (_, rank) => rank);
  const left = new Map<number, FnmeshError>();

  function peersOf(rank: number): InnerPeers {
    return {
      async send(to, tag, { kind, bytes }) {
        if (left.has(to)) throw left.get(to);
        sent[rank]!.messages += 1;
        sent[rank]!.bytes += bytes.length;
        const copy = Uint8Array.from(bytes);
        const line = `${rank} ${to}`;
        const turns = random.int(0, 4);
        const arrival = (lines.get(line) ?? Promise.resolve()).then(async () => {
          for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
          const message: Incoming = {
            from: rank,
            tag: firstInnerTag + tag,
            kind,
            whole: true,
            onMatched() {},
            take: () => copy,
          };
          mailboxes[to]!.begin(message, kind >= valueKind.streamChunk ? "stream" : "message");
        });
        lines.set(line, arrival);
        await arrival;
      },
      receive: (from, tag, lane, signal) =>
        mailboxes[rank]!.receive({ from, tag: firstInnerTag + tag, lane }, signal),
    };
  }

  const peers = members.map(peersOf);
  const groups = members.map((rank) =>
    createGroup(newRoots(peers[rank]!, choices), { rank, members, context: 0 }),
  );

  async function leave(rank: number, code: "PEER_FINISHED" | "PEER_LOST"): Promise<void> {
    const error = new FnmeshError(code, `worker ${rank} has left`);
    left.set(rank, error);
    const others = members.filter((other) => other !== rank);
    await Promise.all(
      others.map(async (other) => {
        await lines.get(`${rank} ${other}`);
        mailboxes[other]!.endRank(rank, error);
      }),
    );
  }

  const end = () => {
    for (const mailbox of mailboxes) mailbox.end(new FnmeshError("CLOSED", "the job has ended"));
  };
  return { groups, peers, sent, leave, end };
}

/** What each member's part of `act` gives, by rank. */
export const together = <T>({ groups }: Team, act: (group: Group) => Promise<T>): Promise<T[]> =>
  Promise.all(groups.map(act));
