// What `fnmesh doctor` finds out: one answer for each thing that fnmesh needs of a machine, and what follows from them.

import { plural } from "../text/format.ts";
import { type Line, piece, type Tone } from "../text/paint.ts";

/** ok: nothing to do. warn: jobs run, something else does not. fail: no job can run. */
export type CheckStatus = "ok" | "warn" | "fail";

export interface Check {
  readonly name: string;
  readonly status: CheckStatus;
  readonly detail: string;
  /** What to do about it. */
  readonly fix?: string;
}

const tones: Readonly<Record<CheckStatus, Tone>> = { ok: "good", warn: "busy", fail: "bad" };

/** Whether jobs can run here. */
export const canRun = (checks: readonly Check[]): boolean => checks.every(({ status }) => status !== "fail");

/** The answers as lines for a person, the verdict last. `where`: jobs are to run. */
export function checkLines(checks: readonly Check[], where = "here"): Line[] {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.flatMap(({ name, status, detail, fix }): Line[] => [
    [piece(status.padEnd(6), tones[status]), piece(`${name.padEnd(width)}  `, "bold"), piece(detail)],
    ...(fix === undefined ? [] : [[piece(" ".repeat(6 + width + 2)), piece(fix, "dim")]]),
  ]);
  return [...lines, [], verdict(checks, where)];
}

function verdict(checks: readonly Check[], where: string): Line {
  const count = (status: CheckStatus) => checks.filter((check) => check.status === status).length;
  if (!canRun(checks))
    return [piece(`Jobs cannot run ${where}: see ${plural(count("fail"), "failure")} above.`, "bad")];
  if (count("warn") === 0) return [piece(`Jobs can run ${where}, and all else that fnmesh has.`, "good")];
  return [piece(`Jobs can run ${where}.`, "good"), piece(` ${plural(count("warn"), "thing")} above cannot.`)];
}
