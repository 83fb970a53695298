// A job's snapshot as the lines that a terminal shows while it runs. Pure: the same snapshot and size give the same
// frame.
//
//   reduce-by-key  running  12.4 s
//   workers  ████████████████████  8 of 8 joined, 2 finished
//   map      ████████████████████  done, 8 tasks, 1.20 s
//   shuffle  ████████░░░░░░░░░░░░  42 %, 8 running, 0.80 s
//   paths    26 direct, 2 relay
//   bytes    12.3 MB direct, 1.0 kB relay
//   cost     $0.0021 so far, as on AWS x86

import type { JobSnapshot, JobStatus } from "@fnmesh/orchestrator";
import { columnsOf, fit, oneLine } from "../text/columns.ts";
import { formatBytes, formatCount, formatMoney, formatMs, plural } from "../text/format.ts";
import { type Line, type Piece, paint, piece, type Style, type Tone } from "../text/paint.ts";
import { whosePrices } from "../text/whose-prices.ts";

export interface FrameStyle extends Style {
  /** Lines that the terminal has. A frame is always one shorter, so that it never scrolls. */
  readonly rows: number;
}

type Stage = JobSnapshot["stages"][number];

const statusTones: Readonly<Record<JobStatus, Tone>> = {
  queued: "dim",
  launching: "busy",
  running: "busy",
  succeeded: "good",
  failed: "bad",
  cancelled: "bad",
};

const gap = "  ";
const mostLabelColumns = 24;
/** Longer bars say no more. */
const mostBarColumns = 32;
/** What stands behind a bar: `42 %, 1,000 running, 59 min 12 s`. */
const statusColumns = 36;

/** The frame's lines, each at most `columns` wide, at most `rows - 1` of them. */
export function renderFrame(snapshot: JobSnapshot, style: FrameStyle): string[] {
  const fixed = 5;
  const stages = stagesThatFit(snapshot.stages, style.rows - 1 - fixed);
  const names = stages.shown.map((stage) => oneLine(stage.name));
  const label = Math.min(mostLabelColumns, Math.max(...["workers", ...names].map(columnsOf)));
  const bar = Math.max(0, Math.min(mostBarColumns, style.columns - label - statusColumns - 2 * gap.length));
  const row = (name: string, ...pieces: Piece[]): Line => [piece(fit(name, label) + gap, "dim"), ...pieces];
  const lines: Line[] = [
    headline(snapshot),
    row(
      "workers",
      ...barOf(snapshot.workers.joined / snapshot.workers.total, bar, style),
      workersOf(snapshot),
    ),
    ...(stages.hidden === 0 ? [] : [row("", piece(`${plural(stages.hidden, "earlier stage")}`, "dim"))]),
    ...stages.shown.map((stage, i) => row(names[i]!, ...barOf(stage.progress, bar, style), stageOf(stage))),
    row("paths", piece(pathsOf(snapshot))),
    row("bytes", piece(bytesOf(snapshot))),
    row("cost", piece(costOf(snapshot))),
  ];
  return lines.slice(0, Math.max(1, style.rows - 1)).map((line) => paint(line, style));
}

/** The newest stages, when not all fit; one line then says how many are left out. */
function stagesThatFit(stages: readonly Stage[], room: number) {
  if (stages.length <= room) return { shown: stages, hidden: 0 };
  const count = Math.max(0, room - 1);
  return { shown: stages.slice(stages.length - count), hidden: stages.length - count };
}

function headline({ name, status, elapsedMs }: JobSnapshot): Line {
  return [
    piece(oneLine(name), "bold"),
    piece(gap + status, statusTones[status]),
    piece(gap + formatMs(elapsedMs), "dim"),
  ];
}

function workersOf({ workers: { total, launched, joined, finished } }: JobSnapshot): Piece {
  if (joined === 0) return piece(`${formatCount(launched)} of ${formatCount(total)} launched`);
  const done = finished > 0 ? `, ${formatCount(finished)} finished` : "";
  return piece(`${formatCount(joined)} of ${formatCount(total)} joined${done}`);
}

function stageOf({ progress, running, tasks, retries, ms }: Stage): Piece {
  const retried = retries > 0 ? `, ${plural(retries, "retry", "retries")}` : "";
  if (running === 0 && progress >= 1) {
    return piece(`done, ${plural(tasks, "task")}${retried}, ${formatMs(ms)}`, "good");
  }
  return piece(
    `${Math.floor(shareOf(progress) * 100)} %, ${formatCount(running)} running${retried}, ${formatMs(ms)}`,
  );
}

/** 0 to 1, whatever a job reports. */
const shareOf = (progress: number) => (Number.isNaN(progress) ? 0 : Math.min(1, Math.max(0, progress)));

function barOf(share: number, columns: number, { unicode }: Style): Piece[] {
  if (columns < 4) return [];
  const full = Math.floor(shareOf(share) * columns);
  const [done, open] = unicode ? ["█", "░"] : ["#", "-"];
  return [
    piece(done.repeat(full), full === columns ? "good" : "busy"),
    piece(open.repeat(columns - full), "dim"),
    piece(gap),
  ];
}

/** `26 direct, 2 relay`, without the paths that nothing took. */
export function pathsOf({ pairs }: Pick<JobSnapshot, "pairs">): string {
  const used = Object.entries(pairs).filter(([, count]) => count > 0);
  if (used.length === 0) return "no pair has talked yet";
  return used.map(([path, count]) => `${formatCount(count)} ${path}`).join(", ");
}

const costOf = ({ cost }: JobSnapshot): string => `${formatMoney(cost.total)} so far, ${whosePrices(cost)}`;

/** `12.3 MB direct, 1.0 kB relay`, without the paths that nothing took. */
export function bytesOf({ bytes }: Pick<JobSnapshot, "bytes">): string {
  const used = Object.entries(bytes).filter(([, count]) => count > 0);
  if (used.length === 0) return "0 B";
  return used.map(([path, count]) => `${formatBytes(count)} ${path}`).join(", ");
}
