// The `fnmesh` command as a process: arguments in, exit code out, and whatever goes wrong in between told once.

import { readFileSync } from "node:fs";
import type { FnmeshError } from "@fnmesh/core";
import { toFnmeshError } from "@fnmesh/core/internal";
import { CommanderError } from "commander";
import { type ExitCode, exitCodeOfError } from "./exit-codes.ts";
import { type Host, writeError, writeErrorLine, writeJson } from "./host.ts";
import type { RawRunOptions } from "./options/run-options.ts";
import { type Commands, createProgram } from "./program.ts";
import { failedReport, recordOf } from "./report-view/failed-report.ts";
import { usageError } from "./usage-error.ts";

const host: Host = {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  cwd: process.cwd(),
};

/** What keeps the process alive after all is closed is a defect, but not one to keep a person waiting for. */
const lingerMs = 1_000;

async function main(args: readonly string[]): Promise<void> {
  // A reader that has read enough (`| head`) is no error; other write errors have nowhere to be told.
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (thrown) => void dieOf(thrown, args));
  }
  process.exitCode = await execute(args);
  setTimeout(() => process.exit(), lingerMs).unref();
}

async function execute(args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  let asked: RawRunOptions | undefined;
  const commands: Commands = {
    run: async (operands, options) => {
      asked = options;
      const { runCommand } = await import("./commands/run.ts");
      exitCode = await runCommand(operands, options, host);
    },
    doctor: async (options) => {
      const { doctorCommand } = await import("./commands/doctor.ts");
      exitCode = await doctorCommand(options, host);
    },
    serve: async (options) => {
      const { serveCommand } = await import("./commands/serve.ts");
      exitCode = await serveCommand(options, host);
    },
  };
  try {
    await createProgram(readVersion(), commands).parseAsync(args, { from: "user" });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0; // --help and --version
    if (thrown instanceof CommanderError && thrown.code === "commander.help") return 2; // it printed the help
    return await tell(asError(thrown, args), args, asked);
  }
}

const readVersion = (): string =>
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version;

function asError(thrown: unknown, args: readonly string[]): FnmeshError {
  if (thrown instanceof CommanderError) return usageError(thrown, commandOf(args));
  return toFnmeshError(thrown, "INTERNAL", {
    hint: "This is a defect of fnmesh. Please report it, with this text and what `fnmesh doctor --json` says.",
  });
}

const commandOf = ([command]: readonly string[]) =>
  command === undefined || !["run", "doctor", "serve"].includes(command) ? "fnmesh" : `fnmesh ${command}`;

/** The error for a person or, with --json, the document that is promised in every case. */
async function tell(error: FnmeshError, args: readonly string[], asked?: RawRunOptions): Promise<ExitCode> {
  const record = recordOf(error);
  if (isJson(args)) {
    await writeJson(host, args[0] === "run" ? failedReport(error, asked) : { error: record });
    await writeErrorLine(host, record);
  } else {
    await writeError(host, record);
  }
  return exitCodeOfError(error);
}

/** Asked of the arguments themselves, because it may be they that could not be parsed. */
function isJson(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return (end === -1 ? args : args.slice(0, end)).includes("--json");
}

/** Something was thrown that nobody waits for: it must not end as a bare stack, nor as exit code 0. */
async function dieOf(thrown: unknown, args: readonly string[]): Promise<void> {
  process.exit(await tell(asError(thrown, args), args));
}

await main(process.argv.slice(2));
