// The end of a command that failed before it could report: the error for a person, or the document that --json promises
// in every case.

import type { FnmeshError } from "@fnmesh/core";
import { toFnmeshError } from "@fnmesh/core/internal";
import { CommanderError } from "commander";
import { type ExitCode, exitCodeOfError } from "./exit-codes.ts";
import { type Host, writeError, writeErrorLine, writeJson } from "./host.ts";
import type { RawRunOptions } from "./options/run-options.ts";
import { failedReport, recordOf } from "./report-view/failed-report.ts";
import { usageError } from "./usage-error.ts";

/** What was typed, as far as it could be read. */
export interface Asked {
  readonly args: readonly string[];
  readonly run?: RawRunOptions | undefined;
}

/** Tells of whatever was thrown, and gives the exit code for it. */
export async function tellError(thrown: unknown, asked: Asked, host: Host): Promise<ExitCode> {
  if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0; // --help and --version
  if (thrown instanceof CommanderError && thrown.code === "commander.help") return 2; // no command: it printed the help
  const error = asError(thrown, asked.args);
  const record = recordOf(error);
  if (isJson(asked.args)) {
    await writeJson(host, asked.args[0] === "run" ? failedReport(error, asked.run) : { error: record });
    await writeErrorLine(host, record);
  } else {
    await writeError(host, record);
  }
  return exitCodeOfError(error);
}

function asError(thrown: unknown, args: readonly string[]): FnmeshError {
  if (thrown instanceof CommanderError) return usageError(thrown, commandOf(args));
  return toFnmeshError(thrown, "INTERNAL", {
    hint: "This is a defect of fnmesh. Please report it, with this text and what `fnmesh doctor --json` says.",
  });
}

const commandNames = [
  ...["init", "run", "doctor", "serve", "relay", "config", "prices"],
  ...["deploy", "diff", "remove", "status", "hello", "trigger"],
];

const commandOf = ([command]: readonly string[]) =>
  command === undefined || !commandNames.includes(command) ? "fnmesh" : `fnmesh ${command}`;

/** Asked of the arguments themselves, because it may be they that could not be parsed. */
function isJson(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return (end === -1 ? args : args.slice(0, end)).includes("--json");
}
