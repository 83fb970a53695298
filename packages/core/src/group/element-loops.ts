// The named operations over whole arrays of numbers. Each has a loop of its own: one loop that calls a function for each
// element takes about ten times as long, because the engine cannot put several functions into it.

import type { OperationName } from "./operation.ts";

/** A typed array of numbers. */
export interface Numbers {
  readonly length: number;
  [index: number]: number;
}

/** `target` may be one of the two. */
type Loop = (target: Numbers, left: Numbers, right: Numbers) => void;

export const numberLoops: Readonly<Record<OperationName, Loop>> = {
  sum(target, left, right) {
    for (let at = 0; at < target.length; at += 1) target[at] = left[at]! + right[at]!;
  },
  product(target, left, right) {
    for (let at = 0; at < target.length; at += 1) target[at] = left[at]! * right[at]!;
  },
  min(target, left, right) {
    for (let at = 0; at < target.length; at += 1) target[at] = Math.min(left[at]!, right[at]!);
  },
  max(target, left, right) {
    for (let at = 0; at < target.length; at += 1) target[at] = Math.max(left[at]!, right[at]!);
  },
  and(target, left, right) {
    for (let at = 0; at < target.length; at += 1) target[at] = left[at]! & right[at]!;
  },
  or(target, left, right) {
    for (let at = 0; at < target.length; at += 1) target[at] = left[at]! | right[at]!;
  },
  xor(target, left, right) {
    for (let at = 0; at < target.length; at += 1) target[at] = left[at]! ^ right[at]!;
  },
};
