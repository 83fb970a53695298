// The end of a job for a person: how it ended, what it returned, and by which paths and in what time.

import type { JobReport } from "@fnmesh/orchestrator";
import { bytesOf, pathsOf } from "../live-view/frame.ts";
import { oneLine } from "../text/columns.ts";
import { formatBytes, formatCount, formatMs, plural } from "../text/format.ts";
import { type Line, paint, piece, type Style, type Tone } from "../text/paint.ts";
import { costText } from "./cost-text.ts";
import { errorLines } from "./error-view.ts";
import { tableLines } from "./table.ts";
import { indented, valueLines } from "./value-view.ts";

type Status = JobReport["job"]["status"];

const endings: Readonly<Record<Status, { tone: Tone; mark: string; ascii: string; words: string }>> = {
  succeeded: { tone: "good", mark: "✔", ascii: "ok:", words: "succeeded in" },
  failed: { tone: "bad", mark: "✘", ascii: "failed:", words: "failed after" },
  cancelled: { tone: "bad", mark: "✘", ascii: "cancelled:", words: "was cancelled after" },
};

export interface ReportStyle extends Style {
  /** Where paths in stacks are shown from. */
  readonly cwd: string;
  /** Where the output was written, if anywhere, and how much; without `bytes` nobody knows. */
  readonly output?: { readonly file: string; readonly bytes?: number | undefined };
}

/** The report's lines, ready to be written. */
export function renderReport(report: JobReport, style: ReportStyle): string[] {
  const { job, timing, error } = report;
  const { tone, mark, ascii, words } = endings[job.status];
  const title: Line = [
    piece(`${style.unicode ? mark : ascii} `, tone),
    piece(job.name, "bold"),
    piece(` ${words} ${formatMs(timing.wallMs)}`),
  ];
  const result = job.status === "succeeded" ? valueLines(report.result) : [];
  const lines: Line[] = [
    title,
    ...block(error === null ? result : errorLines(error, style.cwd)),
    [],
    ...summaryLines(report, style.output),
  ];
  return lines.map((line) => paint(line, style));
}

const block = (lines: readonly Line[]): Line[] => (lines.length === 0 ? [] : [[], ...indented(lines)]);

function summaryLines(report: JobReport, output: ReportStyle["output"]): Line[] {
  const { job, timing } = report;
  const row = (name: string, text: string): Line => [piece(name.padEnd(9), "dim"), piece(text)];
  const network = job.nat === "none" ? "no NAT" : `NAT ${job.nat}`;
  const security = job.encrypted ? "encrypted" : "not encrypted";
  return [
    row(
      "workers",
      `${plural(job.workers, "worker")} on ${job.provider}, ${network}, channel ${job.channel}, ${security}`,
    ),
    ...stageLines(report),
    row("paths", pathsOf(report)),
    ...whyNotDirect(report).map((text) => row("", text)),
    row("bytes", bytesOf(report)),
    row(
      "times",
      `launch ${formatMs(timing.launchMs)}, connect ${formatMs(timing.connectMs)}, run ${formatMs(timing.runMs)}`,
    ),
    row("cost", costText(report.cost)),
    ...(output !== undefined && job.status === "succeeded" ? [row("output", outputText(output))] : []),
  ];
}

function outputText({ file, bytes }: NonNullable<ReportStyle["output"]>): string {
  if (bytes === undefined) return file;
  return bytes === 0 ? `${file}, empty: the job wrote nothing` : `${file}, ${formatBytes(bytes)}`;
}

function stageLines({ stages }: JobReport): Line[] {
  const rows = stages.map(({ name, tasks, retries, ms }) => [
    name,
    plural(tasks, "task"),
    ...(retries > 0 ? [plural(retries, "retry", "retries")] : []),
    formatMs(ms),
  ]);
  return tableLines(rows).map((line, i) => [piece((i === 0 ? "stages" : "").padEnd(9), "dim"), ...line]);
}

/** Beyond it, reasons are few pairs each: --json has them. */
const mostReasons = 4;

const asAsked = /^channel is [\w,-]+$/;

/** Why pairs are not direct, the commonest reason first. */
function whyNotDirect({ paths }: JobReport): string[] {
  const counts = new Map<string, number>();
  for (const { path, reason } of paths) {
    // That the user wanted no direct path is no news to the user.
    if (path === "direct" || (reason !== undefined && asAsked.test(reason))) continue;
    const text = `${path}: ${reason === undefined ? "the reason is not known" : oneLine(reason)}`;
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  const shown = sorted.slice(0, mostReasons).map(([text, count]) => `${formatCount(count)} ${text}`);
  const hidden = sorted.slice(mostReasons).reduce((sum, [, count]) => sum + count, 0);
  return hidden === 0 ? shown : [...shown, `${formatCount(hidden)} for other reasons: --json has them`];
}
