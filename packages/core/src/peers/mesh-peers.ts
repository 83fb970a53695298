// The Peers of a worker: values to messages, ranks to sessions.

import { type Delivery, firstInnerTag, type Mailbox, type Wanted } from "../channel/mailbox.ts";
import { abortable } from "../env/abortable.ts";
import type { Clock } from "../env/env.ts";
import { limitedSignal } from "../env/limited-signal.ts";
import { FnmeshError } from "../errors/errors.ts";
import { valueCodec as codec, type Encoded, valueKind } from "../values/values.ts";
import { type Inner, inner, type PeersWithInner } from "./inner.ts";
import type { PairTable } from "./pair-table.ts";
import type { Message, PeerStream, ReceiveOptions, SendOptions } from "./peers.ts";
import { sendToSelf } from "./self-send.ts";

export interface MeshPeersOptions {
  readonly rank: number;
  readonly size: number;
  readonly mostMessageBytes: number;
  readonly pairs: PairTable;
  readonly mailbox: Mailbox;
  readonly clock: Clock;
  readonly load: Inner["load"];
}

const mostTag = firstInnerTag - 1;
const nothing = new Uint8Array(0);
const noOptions = {};

export function meshPeers(options: MeshPeersOptions): PeersWithInner {
  const { rank, size, mostMessageBytes, pairs, mailbox, clock, load } = options;
  function check(other: number, tag: number | "any" | undefined): void {
    if (!Number.isInteger(other) || other < 0 || other >= size) {
      throw new FnmeshError(
        "INVALID_ARGUMENT",
        `there is no worker ${other}: ranks go from 0 to ${size - 1}`,
      );
    }
    if (tag !== undefined && tag !== "any" && !(Number.isInteger(tag) && tag >= 0 && tag <= mostTag)) {
      throw new FnmeshError("INVALID_ARGUMENT", `a tag is a whole number from 0 to ${mostTag}, not ${tag}`);
    }
  }

  function dispatch(
    to: number,
    tag: number,
    encoded: Encoded,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (encoded.bytes.length > mostMessageBytes) {
      throw new FnmeshError(
        "MESSAGE_TOO_LARGE",
        `a message of ${encoded.bytes.length} bytes; at most ${mostMessageBytes} fit`,
        {
          hint: "Send it in parts, or with openStream.",
        },
      );
    }
    const message = { tag, ...encoded };
    if (to === rank) return sendToSelf(mailbox, rank, message);
    const open = pairs.openSession(to);
    if (open !== undefined) return open.send(message);
    return abortable(pairs.session(to, encoded.bytes.length), signal).then((session) =>
      session.send(message),
    );
  }

  // Not an async function, as `receive` is not: each turn of the microtask queue shows in the round trip.
  function send(to: number, value: unknown, { tag = 0, signal }: SendOptions = noOptions): Promise<void> {
    try {
      check(to, tag);
      signal?.throwIfAborted();
      return dispatch(to, tag, codec.encode(value), signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  const decode = <T>({ from, tag, kind, bytes }: Delivery): Message<T> => ({
    from,
    tag,
    value: codec.decode(kind, bytes) as T,
  });

  function receive<T>({ from, tag = 0, signal, timeoutMs }: ReceiveOptions = noOptions): Promise<Message<T>> {
    try {
      if (from !== undefined) check(from, tag);
    } catch (error) {
      return Promise.reject(error);
    }
    const wanted: Wanted = { from, tag, lane: "message" };
    if (timeoutMs === undefined) return mailbox.receive(wanted, signal).then(decode<T>);
    const late = () => new FnmeshError("DEADLINE", `no message came within ${timeoutMs} ms`);
    const limit = limitedSignal(clock, timeoutMs, late, signal);
    return mailbox
      .receive(wanted, limit.signal)
      .then(decode<T>)
      .finally(limit.cancel);
  }

  function openStream(to: number, { tag = 0, signal }: SendOptions = {}): PeerStream {
    check(to, tag);
    let ended = false;
    const write = async (kind: number, bytes: Uint8Array, borrowed: boolean) => {
      if (ended) throw new FnmeshError("CLOSED", "the stream was ended already");
      ended = kind === valueKind.streamEnd;
      signal?.throwIfAborted();
      await dispatch(to, tag, { kind, bytes, borrowed }, signal);
    };
    return {
      write: (chunk) => write(valueKind.streamChunk, chunk, true),
      end: () => (ended ? Promise.resolve() : write(valueKind.streamEnd, nothing, false)),
    };
  }

  async function* readStream(
    from: number,
    { tag = 0, signal }: { readonly tag?: number; readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<Uint8Array> {
    check(from, tag);
    for (;;) {
      const { kind, bytes }: Delivery = await mailbox.receive({ from, tag, lane: "stream" }, signal);
      if (kind === valueKind.streamEnd) return;
      yield bytes;
    }
  }

  return {
    send,
    receive,
    openStream,
    readStream,
    async connectAll({ signal } = {}) {
      const others = Array.from({ length: size }, (_, other) => other).filter((other) => other !== rank);
      await abortable(Promise.all(others.map((other) => pairs.session(other))), signal);
      return pairs.infos();
    },
    connections: () => pairs.infos(),
    [inner]: {
      load,
      // An async function: what `dispatch` throws is a rejection.
      send: async (to, tag, encoded) => dispatch(to, firstInnerTag + tag, encoded, undefined),
      receive: (from, tag, lane, signal) => mailbox.receive({ from, tag: firstInnerTag + tag, lane }, signal),
    },
  };
}
