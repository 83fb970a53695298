// A group over the peers of a worker: messages under the group's own tags, and collectives, each under tags of its own.

import { FnmeshError } from "../errors/errors.ts";
import type { InnerPeers } from "../peers/inner.ts";
import type { Message, PeerStream, SendOptions } from "../peers/peers.ts";
import { valueKind } from "../values/values.ts";
import { allGather } from "./all-gather.ts";
import { type Choices, measuredChoices } from "./choices.ts";
import { collectives } from "./collectives.ts";
import { decodePart, encodePart, openExchange, type Steps } from "./exchange.ts";
import type { Group, GroupReceiveOptions } from "./group.ts";

/** What groups of one worker share. */
export interface GroupRoots {
  readonly peers: InnerPeers;
  readonly choices?: Choices;
  /** The first number that no group of this worker has had; see `split`. */
  nextContext: number;
  /** Two at once could be given the same number. */
  lastSplit: Promise<unknown>;
}

// An inner tag:
//   30          29 … 16   15 … 0
//   collective  context   the user's tag, or the operation's number
const collectiveBit = 2 ** 30;
const contexts = 2 ** 14;
const tagsInContext = 2 ** 16;
/** The last one is for datasets, which are beside every group. */
export const datasetContext = contexts - 1;
/** An operation has up to three exchanges of two lanes. */
const tagsOfOperation = 8;

export const newRoots = (peers: InnerPeers, choices?: Choices): GroupRoots => ({
  peers,
  ...(choices === undefined ? {} : { choices }),
  nextContext: 1,
  lastSplit: Promise.resolve(),
});

interface Told {
  readonly colour: number | string | undefined;
  readonly key: number;
  readonly next: number;
}

export interface GroupPlace {
  readonly rank: number;
  readonly members: readonly number[];
  readonly context: number;
}

export function createGroup(roots: GroupRoots, { rank, members, context }: GroupPlace): Group {
  const { peers, choices = measuredChoices } = roots;
  const size = members.length;
  const rankOf = new Map(members.map((member, index) => [member, index]));
  let operations = 0;

  function nextSteps(): Steps {
    const first = collectiveBit + context * tagsInContext + ((operations * tagsOfOperation) % tagsInContext);
    operations += 1;
    return (step) => openExchange({ peers, rank, members, tag: first + 2 * step });
  }

  function tagOf(tag = 0): number {
    if (Number.isInteger(tag) && tag >= 0 && tag < tagsInContext) return context * tagsInContext + tag;
    throw new FnmeshError(
      "INVALID_ARGUMENT",
      `a tag in a group is a whole number from 0 to ${tagsInContext - 1}, not ${tag}`,
    );
  }

  function memberOf(other: number): number {
    const member = members[other];
    if (member !== undefined) return member;
    throw new FnmeshError(
      "INVALID_ARGUMENT",
      `there is no member ${other}: ranks of this group go from 0 to ${size - 1}`,
    );
  }

  async function send(to: number, value: unknown, { tag, signal }: SendOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    await peers.send(memberOf(to), tagOf(tag), encodePart(value));
  }

  async function receive<T>({ from, tag, signal }: GroupReceiveOptions = {}): Promise<Message<T>> {
    const whom = from === undefined ? undefined : memberOf(from);
    const delivery = await peers.receive(whom, tagOf(tag), "message", signal);
    return { from: rankOf.get(delivery.from)!, tag: tag ?? 0, value: decodePart(delivery) as T };
  }

  function openStream(to: number, { tag, signal }: SendOptions = {}): PeerStream {
    const [member, number] = [memberOf(to), tagOf(tag)];
    let ended = false;
    const write = async (kind: number, bytes: Uint8Array) => {
      if (ended) throw new FnmeshError("CLOSED", "the stream was ended already");
      ended = kind === valueKind.streamEnd;
      signal?.throwIfAborted();
      await peers.send(member, number, { kind, bytes, borrowed: true });
    };
    return {
      write: (chunk) => write(valueKind.streamChunk, chunk),
      end: () => (ended ? Promise.resolve() : write(valueKind.streamEnd, new Uint8Array(0))),
    };
  }

  async function* readStream(
    from: number,
    { tag, signal }: Omit<GroupReceiveOptions, "from"> = {},
  ): AsyncGenerator<Uint8Array> {
    const [member, number] = [memberOf(from), tagOf(tag)];
    for (;;) {
      const { kind, bytes } = await peers.receive(member, number, "stream", signal);
      if (kind === valueKind.streamEnd) return;
      yield bytes;
    }
  }

  /** Everybody says which number is free for it; the largest one is free for all. */
  async function splitNow(
    steps: Steps,
    colour: number | string | undefined,
    key: number,
  ): Promise<Group | undefined> {
    const parts = await allGather(steps, choices, encodePart({ colour, key, next: roots.nextContext }));
    const told = parts.map((part) => decodePart(part) as Told);
    const next = Math.max(...told.map((each) => each.next));
    if (next >= datasetContext) {
      throw new FnmeshError("LIMIT", `a job can make ${datasetContext - 1} groups, one after the other`, {
        hint: "Make a group once and use it again.",
      });
    }
    roots.nextContext = next + 1;
    if (colour === undefined) return undefined;
    const chosen = told
      .map((each, index) => ({ ...each, index }))
      .filter((each) => each.colour === colour)
      .sort((one, other) => one.key - other.key || one.index - other.index);
    return createGroup(roots, {
      rank: chosen.findIndex(({ index }) => index === rank),
      members: chosen.map(({ index }) => members[index]!),
      context: next,
    });
  }

  function split(colour: number | string | undefined, key = rank): Promise<Group | undefined> {
    // Taken now: all members call a group's operations in the same order.
    const steps = nextSteps();
    const made = roots.lastSplit.then(() => splitNow(steps, colour, key));
    roots.lastSplit = made.catch(() => {});
    return made;
  }

  return {
    rank,
    size,
    members,
    send,
    receive,
    openStream,
    readStream,
    split: split as Group["split"],
    ...collectives({ rank, size, choices, nextSteps }),
  };
}
