// What became of a worker, from what Lambda has written of its invocation. Pure.

import type { WorkerExit } from "@fnmesh/core/internal";
import type { InitRecord, LogRecord, ReportRecord } from "./log-records.ts";

/** The code could not be loaded, whatever is asked of it. */
const initErrors: ReadonlySet<string> = new Set([
  "Runtime.ImportModuleError",
  "Runtime.HandlerNotFound",
  "Runtime.MalformedHandlerName",
  "Runtime.UserCodeSyntaxError",
  "Runtime.NodeJsEsmError",
  "Runtime.InvalidEntrypoint",
  "Runtime.InvalidTaskConfig",
  "Runtime.InvalidWorkingDir",
]);

/**
 * V8 gives up before the platform has to; or the kernel ends the process, which nobody else does with this signal.
 */
const outOfMemoryTexts = [
  /JavaScript heap out of memory/,
  /Runtime exited with error: signal: killed/,
  /Array buffer allocation failed/,
];

const shownTexts = 5;
const shownCharacters = 300;

const textsOf = (records: readonly LogRecord[]): readonly string[] =>
  records.flatMap((record) => (record.type === "text" && record.text !== "" ? [record.text] : []));

/**
 * The exit of the invocation that `report` is of; `around` is what else its container has written since its launch.
 */
export function verdictOf(report: ReportRecord, around: readonly LogRecord[]): WorkerExit {
  const texts = textsOf(around);
  if (report.status === "success") return { kind: "completed" };
  if (ranOutOfMemory(report, texts)) return { kind: "out-of-memory", limitMb: report.memoryMb };
  const init = failedInit(report, around);
  if (init !== undefined) return { kind: "init-failed", detail: withTexts(init, texts) };
  if (report.status === "timeout") return { kind: "timed-out", afterMs: report.durationMs };
  return { kind: "crashed", detail: withTexts(describe(report), texts) };
}

function ranOutOfMemory(report: ReportRecord, texts: readonly string[]): boolean {
  if (report.errorType === "Runtime.OutOfMemory") return true;
  if (report.status !== "error") return false;
  // AWS tells at most what there is.
  const full = report.memoryMb > 0 && report.usedMb >= report.memoryMb;
  return full || texts.some((text) => outOfMemoryTexts.some((pattern) => pattern.test(text)));
}

/** What went wrong before the handler was called; undefined: nothing. */
function failedInit(report: ReportRecord, around: readonly LogRecord[]): string | undefined {
  const { errorType = "" } = report;
  const failed = around.filter(
    (each): each is InitRecord => each.type === "init" && each.status !== "success",
  );
  // A container that loads too slowly is given a second try, with the invocation's own time.
  const last = around.findLast((each) => each.type === "init");
  if (report.status === "timeout") {
    return last?.type === "init" && last.status === "timeout"
      ? `its code was not loaded within ${seconds(last.durationMs)}`
      : undefined;
  }
  if (initErrors.has(errorType) || errorType.startsWith("Extension.")) return errorType;
  if (last?.type !== "init" || last.status === "success") return undefined;
  return failed.at(-1)?.errorType ?? (errorType || "its code could not be loaded");
}

const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;

function describe({ status, errorType, durationMs, billedMs, memoryMb, usedMb }: ReportRecord): string {
  const what = errorType ?? (status === "failure" ? "the function answered with an error" : status);
  return `${what} after ${seconds(durationMs)} (billed ${seconds(billedMs)}, ${usedMb} of ${memoryMb} MB used)`;
}

const clip = (text: string): string =>
  text.length <= shownCharacters ? text : `${text.slice(0, shownCharacters - 1)}…`;

function withTexts(what: string, texts: readonly string[]): string {
  const last = texts.slice(-shownTexts).map((text) => `\n  ${clip(text)}`);
  return last.length === 0 ? what : `${what}; its log ends with:${last.join("")}`;
}
