// The root's value for all: down a tree, in one message or, where that is large, in segments that every member passes
// on as they come. The root alone knows the size, so the first message tells the shape of the tree:
//
//   0       1      2   4       8
//   +-------+------+---+-------+-------------- - -
//   | shape | kind | 0 | total | all of it, if the shape is `whole`
//   +-------+------+---+-------+-------------- - -
//    u8      u8         u32 le

import { FnmeshError } from "../errors/errors.ts";
import { valueKind } from "../values/values.ts";
import type { BroadcastShape, Choices } from "./choices.ts";
import type { Exchange, Part } from "./exchange.ts";
import { binomialChildren, chainChildren, flatChildren, fromRoot, toRank } from "./tree.ts";

const headBytes = 8;
const shapes: readonly BroadcastShape[] = ["flat", "tree", "segmented tree", "chain"];

interface Head {
  readonly shape: BroadcastShape;
  readonly kind: number;
  readonly total: number;
}

/** `part` is the root's; everybody gets it. */
export async function broadcast(
  exchange: Exchange,
  choices: Choices,
  root: number,
  part?: Part,
): Promise<Part> {
  if (exchange.size === 1) return part!;
  if (exchange.rank === root) {
    const shape = choices.broadcast(exchange.size, part!.bytes.length);
    await sendAll(
      exchange,
      root,
      { shape, kind: part!.kind, total: part!.bytes.length },
      part!.bytes,
      choices,
    );
    return part!;
  }
  const first = await exchange.receive();
  const head = decodeHead(first.bytes);
  return isSegmented(head.shape)
    ? await passOnSegments(exchange, root, head, first)
    : await passOn(exchange, root, head, first);
}

const isSegmented = (shape: BroadcastShape): boolean => shape === "segmented tree" || shape === "chain";

async function sendAll(
  exchange: Exchange,
  root: number,
  head: Head,
  bytes: Uint8Array,
  { segmentBytes }: Choices,
): Promise<void> {
  const children = childrenOf(exchange, root, head.shape);
  if (!isSegmented(head.shape)) {
    const message = { kind: valueKind.bytes, bytes: encodeHead(head, bytes) };
    await Promise.all(children.map((child) => exchange.send(child, message)));
    return;
  }
  const sends = children.map((child) =>
    exchange.send(child, { kind: valueKind.bytes, bytes: encodeHead(head) }),
  );
  for (let at = 0; at < bytes.length; at += segmentBytes) {
    const segment = { kind: valueKind.bytes, bytes: bytes.subarray(at, at + segmentBytes) };
    for (const child of children) sends.push(exchange.send(child, segment));
  }
  await Promise.all(sends);
}

async function passOn(exchange: Exchange, root: number, { shape, kind }: Head, message: Part): Promise<Part> {
  await Promise.all(childrenOf(exchange, root, shape).map((child) => exchange.send(child, message)));
  return { kind, bytes: message.bytes.subarray(headBytes) };
}

async function passOnSegments(
  exchange: Exchange,
  root: number,
  { shape, kind, total }: Head,
  first: Part & { readonly from: number },
): Promise<Part> {
  const children = childrenOf(exchange, root, shape);
  const sends = children.map((child) => exchange.send(child, first));
  const bytes = new Uint8Array(total);
  for (let at = 0; at < total; ) {
    const segment = await exchange.receive(first.from);
    for (const child of children) sends.push(exchange.send(child, segment));
    bytes.set(segment.bytes, at);
    at += segment.bytes.length;
  }
  await Promise.all(sends);
  return { kind, bytes };
}

function childrenOf({ rank, size }: Exchange, root: number, shape: BroadcastShape): number[] {
  const of = shape === "flat" ? flatChildren : shape === "chain" ? chainChildren : binomialChildren;
  return of(fromRoot(rank, root, size), size).map((relative) => toRank(relative, root, size));
}

function encodeHead({ shape, kind, total }: Head, bytes: Uint8Array = new Uint8Array(0)): Uint8Array {
  const message = new Uint8Array(headBytes + bytes.length);
  message[0] = shapes.indexOf(shape);
  message[1] = kind;
  new DataView(message.buffer).setUint32(4, total, true);
  message.set(bytes, headBytes);
  return message;
}

function decodeHead(bytes: Uint8Array): Head {
  const shape = shapes[bytes[0] ?? shapes.length];
  if (shape === undefined || bytes.length < headBytes) {
    throw new FnmeshError("PROTOCOL", "a broadcast that cannot be read", {
      hint: "All members of a group must call the same collectives in the same order.",
    });
  }
  const total = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
  return { shape, kind: bytes[1]!, total };
}
