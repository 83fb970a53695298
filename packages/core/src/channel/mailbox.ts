// Messages that have come (or begun to come) meet receivers that wait for them. A message is matched as soon as its
// first chunk is here, in order for each rank and tag; it is delivered when it is whole.

import { FnmeshError } from "../errors/errors.ts";

/** Tags from here on are not a user's: `"any"` does not match them. See peers/inner.ts. */
export const firstInnerTag = 2 ** 31;

/** A message on its way in. The mailbox sees only this much of it. */
export interface Incoming {
  readonly from: number;
  readonly tag: number;
  readonly kind: number;
  /** Whether all of its bytes are here. */
  readonly whole: boolean;
  /** A receiver has it now: its bytes no longer count against the peer's window. */
  onMatched(): void;
  /** The bytes; only when whole. */
  take(): Uint8Array;
}

export interface Wanted {
  readonly from: number | undefined;
  readonly tag: number | "any";
  /** Streams and messages never take each other's. */
  readonly lane: "message" | "stream";
}

export interface Delivery {
  readonly from: number;
  readonly tag: number;
  readonly kind: number;
  readonly bytes: Uint8Array;
}

interface Receiver extends Wanted {
  resolve(delivery: Delivery): void;
  reject(error: unknown): void;
}

interface Arrived {
  readonly message: Incoming;
  readonly order: number;
}

export interface Mailbox {
  /** A message has begun. */
  begin(message: Incoming, lane: Wanted["lane"]): void;
  /** The message is whole now. */
  finish(message: Incoming): void;
  /** The message will never be whole. */
  drop(message: Incoming, error: FnmeshError): void;
  receive(wanted: Wanted, signal: AbortSignal | undefined): Promise<Delivery>;
  /** Nothing more comes from this rank: whoever waits for it, and finds nothing, gets the error. */
  endRank(rank: number, error: FnmeshError): void;
  /** Nothing more comes from anybody. */
  end(error: FnmeshError): void;
}

const laneKey = { message: 0, stream: 2 ** 49 } as const;
const keyOf = (from: number, tag: number, lane: Wanted["lane"]): number =>
  laneKey[lane] + from * 2 ** 32 + tag;

const deliveryOf = (message: Incoming): Delivery => ({
  from: message.from,
  tag: message.tag,
  kind: message.kind,
  bytes: message.take(),
});

/** `peers`: how many other ranks there are; when all of them have ended, a receiver from any rank is told. */
export function createMailbox({ peers }: { readonly peers: number }): Mailbox {
  const arrived = new Map<number, Arrived[]>();
  const matched = new Map<Incoming, Receiver>();
  const ended = new Map<number, FnmeshError>();
  let waiting: Receiver[] = [];
  let over: FnmeshError | undefined;
  let order = 0;

  const wants = (receiver: Wanted, message: Incoming, lane: Wanted["lane"]): boolean =>
    receiver.lane === lane &&
    (receiver.from === undefined || receiver.from === message.from) &&
    (receiver.tag === "any" ? message.tag < firstInnerTag : receiver.tag === message.tag);

  /** The receiver that waits longest for such a message. A plain loop: this is on the way of every message. */
  function takeReceiver(message: Incoming, lane: Wanted["lane"]): Receiver | undefined {
    for (let index = 0; index < waiting.length; index += 1) {
      const receiver = waiting[index]!;
      if (!wants(receiver, message, lane)) continue;
      if (index === 0) waiting.shift();
      else waiting.splice(index, 1);
      return receiver;
    }
    return undefined;
  }

  /** The key of the queue whose head a receiver would take: the oldest of those that fit. */
  function findQueue({ from, tag, lane }: Wanted): number | undefined {
    if (from !== undefined && tag !== "any") {
      const key = keyOf(from, tag, lane);
      return arrived.has(key) ? key : undefined;
    }
    let best: number | undefined;
    let bestOrder = Number.POSITIVE_INFINITY;
    for (const [key, queue] of arrived) {
      const head = queue[0]!;
      const headLane = key >= laneKey.stream ? "stream" : "message";
      if (head.order < bestOrder && wants({ from, tag, lane }, head.message, headLane)) {
        best = key;
        bestOrder = head.order;
      }
    }
    return best;
  }

  function takeArrived(key: number): Incoming {
    const queue = arrived.get(key)!;
    const { message } = queue.shift()!;
    if (queue.length === 0) arrived.delete(key);
    return message;
  }

  function match(receiver: Receiver, message: Incoming): void {
    message.onMatched();
    if (message.whole) receiver.resolve(deliveryOf(message));
    else matched.set(message, receiver);
  }

  /** To the queue's head if there is one, to the waiting otherwise. */
  function enlist(receiver: Receiver, key: number | undefined): void {
    if (key === undefined) waiting.push(receiver);
    else match(receiver, takeArrived(key));
  }

  /** Why nothing can come any more for what is wanted, if so. */
  function hopeless(wanted: Wanted): FnmeshError | undefined {
    if (over !== undefined) return over;
    if (wanted.from !== undefined) return ended.get(wanted.from);
    const lost = [...ended.values()].find((error) => error.code !== "PEER_FINISHED");
    return lost ?? (ended.size >= peers ? allFinished() : undefined);
  }

  const allFinished = () =>
    new FnmeshError("PEER_FINISHED", "all other workers have finished, and no message is left to receive");

  function rejectHopeless(): void {
    const still: Receiver[] = [];
    for (const receiver of waiting) {
      const error = hopeless(receiver);
      if (error === undefined) still.push(receiver);
      else receiver.reject(error);
    }
    waiting = still;
  }

  return {
    begin(message, lane) {
      const receiver = takeReceiver(message, lane);
      if (receiver !== undefined) {
        match(receiver, message);
        return;
      }
      const key = keyOf(message.from, message.tag, lane);
      const queue = arrived.get(key);
      const entry = { message, order: order++ };
      if (queue === undefined) arrived.set(key, [entry]);
      else queue.push(entry);
    },

    finish(message) {
      const receiver = matched.get(message);
      if (receiver === undefined) return;
      matched.delete(message);
      receiver.resolve(deliveryOf(message));
    },

    drop(message, error) {
      const receiver = matched.get(message);
      matched.delete(message);
      receiver?.reject(error);
      for (const [key, queue] of arrived) {
        const left = queue.filter((entry) => entry.message !== message);
        if (left.length === 0) arrived.delete(key);
        else if (left.length < queue.length) arrived.set(key, left);
      }
    },

    receive(wanted, signal) {
      if (signal?.aborted) return Promise.reject(signal.reason);
      const key = findQueue(wanted);
      const head = key === undefined ? undefined : arrived.get(key)![0]!.message;
      if (key !== undefined && head!.whole) {
        const message = takeArrived(key);
        message.onMatched();
        return Promise.resolve(deliveryOf(message));
      }
      const reason = key === undefined ? hopeless(wanted) : undefined;
      if (reason !== undefined) return Promise.reject(reason);
      if (signal === undefined) {
        const { from, tag, lane } = wanted;
        return new Promise((resolve, reject) => enlist({ from, tag, lane, resolve, reject }, key));
      }
      return new Promise((resolve, reject) => {
        const settled =
          <Value>(act: (value: Value) => void) =>
          (value: Value) => {
            signal.removeEventListener("abort", aborted);
            act(value);
          };
        const receiver: Receiver = { ...wanted, resolve: settled(resolve), reject: settled(reject) };
        const aborted = () => {
          withdraw(receiver);
          receiver.reject(signal.reason);
        };
        signal.addEventListener("abort", aborted);
        enlist(receiver, key);
      });
    },

    endRank(rank, error) {
      if (ended.has(rank)) return;
      ended.set(rank, error);
      rejectHopeless();
    },

    end(error) {
      over ??= error;
      for (const receiver of matched.values()) receiver.reject(over);
      matched.clear();
      arrived.clear();
      rejectHopeless();
    },
  };

  /** A receiver that gives up puts its message back to the head of its queue: the next one gets it. */
  function withdraw(receiver: Receiver): void {
    waiting = waiting.filter((other) => other !== receiver);
    for (const [message, holder] of matched) {
      if (holder !== receiver) continue;
      matched.delete(message);
      const next = waiting.findIndex((other) => wants(other, message, receiver.lane));
      if (next >= 0) {
        matched.set(message, waiting.splice(next, 1)[0]!);
        return;
      }
      const key = keyOf(message.from, message.tag, receiver.lane);
      arrived.set(key, [{ message, order: -1 }, ...(arrived.get(key) ?? [])]);
    }
  }
}
