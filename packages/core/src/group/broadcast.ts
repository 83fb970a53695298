// The root's value for all. The root alone knows how large it is, so its first message goes down a tree that all members
// know, with the whole value, or with the shape of the tree by which that comes in segments, passed on as they come:
//
//   0       1      2   4       8
//   +-------+------+---+-------+-------------- - -
//   | shape | kind | 0 | total | all of it, if the shape is `whole`
//   +-------+------+---+-------+-------------- - -
//    u8      u8         u32 le

import { FnmeshError } from "../errors/errors.ts";
import { readU32 } from "../protocol/frame.ts";
import { valueKind } from "../values/values.ts";
import type { BroadcastShape, Choices } from "./choices.ts";
import type { Exchange, Part } from "./exchange.ts";
import { fromRoot, type Tree, toRank, trees } from "./tree.ts";

const headBytes = 8;
/** By their number on the wire. */
const shapes: readonly BroadcastShape[] = ["whole", "binary tree", "chain", "tree"];
const segmentTrees = { tree: trees.binomial, "binary tree": trees.binary, chain: trees.chain } as const;

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
  const { rank, size } = exchange;
  if (size === 1) return part!;
  const flat = choices.flat(size);
  // Nobody but the root has children then.
  if (flat && rank !== root) return await take(exchange, root, await exchange.receive(root));
  const heads = placeIn(flat ? trees.flat : trees.binomial, exchange, root);
  if (rank === root) {
    await sendAll(exchange, choices, root, heads.children, part!);
    return part!;
  }
  const message = await exchange.receive(heads.parent);
  const passed = heads.children.map((child) => exchange.send(child, message));
  const taken = await take(exchange, root, message);
  await Promise.all(passed);
  return taken;
}

/** What the first message has, or announces. */
function take(exchange: Exchange, root: number, { bytes }: Part): Part | Promise<Part> {
  const { shape, kind, total } = decodeHead(bytes);
  if (shape === "whole") return { kind, bytes: bytes.subarray(headBytes) };
  return passOnSegments(exchange, placeIn(segmentTrees[shape], exchange, root), total).then((whole) => ({
    kind,
    bytes: whole,
  }));
}

interface TreePlace {
  readonly children: readonly number[];
  /** The root has none. */
  readonly parent: number;
}

function placeIn(tree: Tree, { rank, size }: Exchange, root: number): TreePlace {
  const relative = fromRoot(rank, root, size);
  return {
    children: tree.children(relative, size).map((child) => toRank(child, root, size)),
    parent: toRank(tree.parent(relative), root, size),
  };
}

async function sendAll(
  exchange: Exchange,
  { broadcast: shapeFor, segmentBytes }: Choices,
  root: number,
  heads: readonly number[],
  { kind, bytes }: Part,
): Promise<void> {
  const total = bytes.length;
  const shape = shapeFor(exchange.size, total);
  const head = encodeHead({ shape, kind, total }, shape === "whole" ? bytes : undefined);
  const sends = heads.map((child) => exchange.send(child, { kind: valueKind.bytes, bytes: head }));
  if (shape !== "whole") {
    const { children } = placeIn(segmentTrees[shape], exchange, root);
    for (let at = 0; at < total; at += segmentBytes) {
      const segment = { kind: valueKind.bytes, bytes: bytes.subarray(at, at + segmentBytes) };
      sends.push(...children.map((child) => exchange.send(child, segment, 1)));
    }
  }
  await Promise.all(sends);
}

async function passOnSegments(
  exchange: Exchange,
  { children, parent }: TreePlace,
  total: number,
): Promise<Uint8Array> {
  const sends: Promise<void>[] = [];
  const bytes = new Uint8Array(total);
  for (let at = 0; at < total; ) {
    const segment = await exchange.receive(parent, 1);
    for (const child of children) sends.push(exchange.send(child, segment, 1));
    bytes.set(segment.bytes, at);
    at += segment.bytes.length;
  }
  await Promise.all(sends);
  return bytes;
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
  return { shape, kind: bytes[1]!, total: readU32(bytes, 4) };
}
