// What goes apart from a job's code: collectives, scratch space, and what is said of wrong parameters.

import { rmSync } from "node:fs";
import { FnmeshError } from "../errors/errors.ts";
import { createGroup, newRoots } from "../group/create-group.ts";
import type { Group } from "../group/group.ts";
import { atEnd } from "../job/endings.ts";
import type { SchemaIssue } from "../job/job.ts";
import { openScratch } from "../job/scratch.ts";
import { innerOf } from "../peers/inner.ts";
import type { Peers } from "../peers/peers.ts";

/** The group of all workers. */
export function worldOf(peers: Peers, { rank, members }: Pick<Group, "rank" | "members">): Group {
  return createGroup(newRoots(innerOf(peers)), { rank, members, context: 0 });
}

/** A folder that is gone when the worker's part is over. */
export async function scratchOf(worker: object): Promise<string> {
  const folder = await openScratch();
  atEnd(worker, () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function wrongParams(issues: readonly SchemaIssue[]): FnmeshError {
  const told = issues.map(tell).join("; ");
  return new FnmeshError("INVALID_ARGUMENT", `the job's parameters are wrong: ${told}`, {
    hint: "Give them as --param NAME=VALUE.",
  });
}

function tell({ message, path = [] }: SchemaIssue): string {
  const names = path.map((step) => String(typeof step === "object" ? step.key : step));
  return names.length === 0 ? message : `${names.join(".")}: ${message}`;
}
