// Memcached as a store of objects, for the object hub. An object is one item, or several when it is longer than the
// server's items may be: the first has the object's name, the others that name with their number.

import { FnmeshError } from "@fnmesh/core";
import type { Env, StoreUsage } from "@fnmesh/core/internal";
import type { ObjectRange, ObjectStore } from "../object-hub/object-store.ts";
import { PassingFailure, retried } from "../retry.ts";
import { type Answer, hasNoMemory, isError, ValueRange } from "./answer.ts";
import type { MemcachedClient } from "./memcached-client.ts";

export interface ItemStoreOptions {
  /** Values in and values out have connections of their own: a large one holds up nobody's answer. */
  readonly writer: MemcachedClient;
  readonly reader: MemcachedClient;
  readonly shown: string;
  readonly itemBytes: number;
  readonly usage: StoreUsage;
  readonly env: Pick<Env, "clock" | "random">;
  readonly ttlSeconds: () => number;
}

/** An object takes several items only where the server's are short. */
const mostItems = 64;
const mostObjectBytes = 8 * 1024 * 1024;

export const itemName = (name: string, item: number): string => (item === 0 ? name : `${name}+${item}`);

const lineEnd = Buffer.from("\r\n");

export function createItemStore(options: ItemStoreOptions): ObjectStore {
  const { writer, reader, shown, itemBytes, usage, env } = options;
  /** Of objects that were read and are not removed yet: their last item, when it is not the first. */
  const lastItems = new Map<string, number>();
  const often = <T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T> =>
    retried({ ...env, usage, signal }, attempt);

  const putItem = (name: string, parts: readonly Uint8Array[], signal: AbortSignal) =>
    often(signal, async () => {
      const length = lengthOf(parts);
      const head = Buffer.from(`set ${name} 0 ${options.ttlSeconds()} ${length}\r\n`);
      const answer = await writer.ask({ parts: [head, ...parts, lineEnd] }, usage);
      if (answer.line !== "STORED") throw refusalOf(answer, shown);
      usage.writtenBytes += length;
    });
  const getItem = (name: string, offset: number, into: Uint8Array, signal: AbortSignal) =>
    often(signal, async () => {
      const range = new ValueRange(offset, into);
      const parts = [Buffer.from(`get ${name}\r\n`)];
      const answer = await reader.ask({ parts, value: () => range }, usage);
      if (isError(answer.line)) throw refusalOf(answer, shown);
      if (range.filledBytes < into.length) throw lost(shown);
      usage.readBytes += into.length;
    });
  const removeItem = (name: string, signal: AbortSignal) =>
    often(signal, async () => {
      const answer = await reader.ask({ parts: [Buffer.from(`delete ${name}\r\n`)] }, usage);
      if (isError(answer.line)) throw refusalOf(answer, shown);
    });

  return {
    mostBytes: Math.min(mostItems * itemBytes, Math.max(itemBytes, mostObjectBytes)),
    async put(name, parts, signal) {
      const pieces = lengthOf(parts) <= itemBytes ? [parts] : cut(parts, itemBytes);
      await Promise.all(pieces.map((piece, item) => putItem(itemName(name, item), piece, signal)));
    },
    async get({ name, offset, length }: ObjectRange, signal, into = Buffer.allocUnsafeSlow(length)) {
      const first = Math.floor(offset / itemBytes);
      const last = Math.max(first, Math.ceil((offset + length) / itemBytes) - 1);
      const reads: Promise<void>[] = [];
      for (let item = first; item <= last; item += 1) {
        const from = Math.max(offset, item * itemBytes);
        const to = Math.min(offset + length, (item + 1) * itemBytes);
        const piece = into.subarray(from - offset, to - offset);
        reads.push(getItem(itemName(name, item), from - item * itemBytes, piece, signal));
      }
      await Promise.all(reads);
      if (last > 0) lastItems.set(name, last);
      return into;
    },
    async remove(names, signal) {
      const items = names.flatMap((name) => {
        const last = lastItems.get(name) ?? 0;
        lastItems.delete(name);
        return Array.from({ length: last + 1 }, (_, item) => itemName(name, item));
      });
      await Promise.all(items.map((item) => removeItem(item, signal)));
    },
    async close() {
      writer.close();
      reader.close();
    },
  };
}

const lengthOf = (parts: readonly Uint8Array[]): number => parts.reduce((sum, { length }) => sum + length, 0);

/** The same bytes, in pieces of so many; nothing is copied. */
function cut(parts: readonly Uint8Array[], pieceBytes: number): Uint8Array[][] {
  const pieces: Uint8Array[][] = [[]];
  let room = pieceBytes;
  for (const part of parts) {
    for (let at = 0; at < part.length; ) {
      if (room === 0) {
        pieces.push([]);
        room = pieceBytes;
      }
      const count = Math.min(room, part.length - at);
      pieces.at(-1)!.push(part.subarray(at, at + count));
      at += count;
      room -= count;
    }
  }
  return pieces;
}

function refusalOf({ line }: Answer, shown: string): Error {
  if (hasNoMemory(line)) {
    return new FnmeshError("STORE_FULL", `Memcached at ${shown} has no memory left for this value`, {
      hint: "Give it more memory (-m), or name another way after memcached in --channel.",
    });
  }
  const error = new FnmeshError("STORE_UNAVAILABLE", `Memcached at ${shown} says: ${line.slice(0, 200)}`);
  // "Temporary failure" and its kin: another try may succeed.
  return line.startsWith("SERVER_ERROR") ? new PassingFailure("throttled", error) : error;
}

const lost = (shown: string): FnmeshError =>
  new FnmeshError("STORE_LOST", `Memcached at ${shown} has lost what a worker wrote`, {
    hint: "It was restarted, or had too little memory and dropped it: give it more (-m), or use fewer workers at once.",
  });
