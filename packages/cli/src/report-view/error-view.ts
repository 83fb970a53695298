// An error for a person: its code, what happened and where, the lines of their own code, and what to do about it.

import { pathToFileURL } from "node:url";
import type { ErrorRecord } from "@fnmesh/core";
import { printable } from "../text/columns.ts";
import { type Line, piece } from "../text/paint.ts";

const mostFrames = 8;

/** `JOB_THREW on rank 3, attempt 1: boom`, then the stack's frames, then the hint. Paths are shown from `cwd`. */
export function errorLines(error: ErrorRecord, cwd: string): Line[] {
  const [first = "", ...rest] = printable(error.message).split("\n");
  return [
    [piece(error.code, "bad"), piece(`${whereOf(error)}: `, "dim"), piece(first)],
    ...rest.map((line) => [piece(line)]),
    ...stackFrames(error.stack, cwd).map((frame) => [piece(frame, "dim")]),
    ...(error.hint === undefined ? [] : [[piece("hint: ", "busy"), piece(printable(error.hint))]]),
  ];
}

/** The same on one line, for logs. */
export function errorLine(error: ErrorRecord): string {
  const message = printable(error.message).split("\n")[0] ?? "";
  return `fnmesh: ${error.code}${whereOf(error)}: ${message}`;
}

function whereOf({ rank, attempt }: ErrorRecord): string {
  if (rank === undefined) return "";
  return attempt === undefined || attempt === 0 ? ` on rank ${rank}` : ` on rank ${rank}, attempt ${attempt}`;
}

/** Frames that say nothing to the person: Node's own, and those of the bundle around the job in its worker. */
const notTheirs = /\(node:|at (?:async )?node:|[\\/]providers[\\/]dist[\\/]/;

/** What no source map leads out of: fnmesh's own part of a job's code; all of it, where there is no map. */
const unmapped = /(?:^|[ (])fnmesh-job-[\da-f]+\.mjs:\d+/;

/** The calls of a stack that are the person's, paths shortened to what the person knows them by. */
export function stackFrames(stack: string | undefined, cwd: string): string[] {
  const here = [pathToFileURL(`${cwd}/`).href, `${cwd}/`];
  const calls = printable(stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line) && !notTheirs.test(line))
    .map((line) => `  ${here.reduce((text, path) => text.replaceAll(path, ""), line.trim())}`)
    .map((line) => line.replaceAll("file://", ""));
  const theirs = calls.filter((call) => !unmapped.test(call));
  return (theirs.length > 0 ? theirs : calls).slice(0, mostFrames);
}
