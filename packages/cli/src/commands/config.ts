// `fnmesh config`: the settings in force, where each comes from, and what the channel `auto` is with them.

import { ladderOf } from "@fnmesh/orchestrator";
import { configNames } from "../config/config-file.ts";
import { type Config, loadConfig, rungsOf } from "../config/load-config.ts";
import type { Source } from "../config/merge.ts";
import type { ExitCode } from "../exit-codes.ts";
import { type Host, stdoutStyle, writeJson, writeText } from "../host.ts";
import { configFile } from "../options/run-options.ts";
import type { RawConfigOptions } from "../program.ts";
import { tableLines } from "../report-view/table.ts";
import { type Line, paint, piece } from "../text/paint.ts";

/** Rejects with INVALID_ARGUMENT for settings that are not right. */
export async function configCommand(raw: RawConfigOptions, host: Host): Promise<ExitCode> {
  const { cwd, environment } = host;
  const config = await loadConfig({ folder: cwd, file: configFile(raw.config), cwd, environment });
  const auto = ladderOf("auto", rungsOf(config));
  if (raw.json === true) {
    await writeJson(host, { file: config.file ?? null, settings: config.entries, auto });
    return 0;
  }
  // What is in force is never cut to the terminal's width.
  const style = { ...stdoutStyle(host), columns: Number.MAX_SAFE_INTEGER };
  const lines = configLines(config, auto).map((line) => paint(line, style));
  await writeText(host.stdout, `${lines.join("\n")}\n`);
  return 0;
}

function configLines({ file, entries }: Config, auto: readonly string[]): Line[] {
  const rows = entries.map(({ name, value, from }) => [name, value, sourceText(from)]);
  const head =
    file ?? `no file: there is no ${configNames[0]} (or ${configNames.slice(1).join(", ")}) here or above`;
  return [
    [piece(head, file === undefined ? "dim" : "bold")],
    ...tableLines(rows),
    [piece(`the channel auto is ${auto.join(", ")}`)],
  ];
}

function sourceText(from: Source): string {
  switch (from.kind) {
    case "default":
      return "preset";
    case "file":
      return "the file";
    case "environment":
      return from.variable;
  }
}
