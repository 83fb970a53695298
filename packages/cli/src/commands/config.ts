// `fnmesh config`: the settings in force, where each comes from, and what the channel `auto` is with them.

import { ladderOf } from "@fnmesh/orchestrator";
import type { Platform } from "@fnmesh/providers";
import { configNames } from "../config/config-file.ts";
import { type Config, loadConfig, rungsOf } from "../config/load-config.ts";
import type { Entry, Source } from "../config/merge.ts";
import type { ExitCode } from "../exit-codes.ts";
import { type Host, stdoutStyle, writeJson, writeText } from "../host.ts";
import { configFile } from "../options/run-options.ts";
import { explainSettings } from "../platform/explain-settings.ts";
import { findPlatform, isLocal, type Platforms } from "../platform/pick-platform.ts";
import type { RawSettingsOptions } from "../program.ts";
import { tableLines } from "../report-view/table.ts";
import { type Line, paint, piece } from "../text/paint.ts";

/** Rejects with INVALID_ARGUMENT for settings that are not right, or UNKNOWN_PROVIDER. */
export async function configCommand(
  raw: RawSettingsOptions,
  host: Host,
  platforms: Platforms,
): Promise<ExitCode> {
  const { cwd, environment } = host;
  const { provider, stage } = raw;
  const place = { folder: cwd, file: configFile(raw.config), cwd, environment, flags: { provider, stage } };
  const config = await loadConfig(place);
  const chosen = isLocal(config.provider) ? undefined : await findPlatform(config.provider, platforms);
  const entries = [...config.entries, ...(await platformEntries(config, { chosen, platforms, environment }))];
  const auto = ladderOf("auto", rungsOf(config), chosen?.network);
  if (raw.json === true) {
    await writeJson(host, { file: config.file ?? null, settings: entries, auto });
    return 0;
  }
  // What is in force is never cut to the terminal's width.
  const style = { ...stdoutStyle(host), columns: Number.MAX_SAFE_INTEGER };
  const lines = configLines({ ...config, entries }, auto).map((line) => paint(line, style));
  await writeText(host.stdout, `${lines.join("\n")}\n`);
  return 0;
}

interface Asked {
  readonly chosen: Platform | undefined;
  readonly platforms: Platforms;
  readonly environment: Host["environment"];
}

/** Of the platform that is chosen, and of those that the file has a section for. */
async function platformEntries(
  { stage, sections, sourceOf }: Config,
  { chosen, platforms, environment }: Asked,
): Promise<Entry[]> {
  const named = Object.keys(sections).filter((name) => name !== chosen?.name);
  const others = await Promise.all(named.map((name) => findPlatform(name, platforms)));
  return [...(chosen === undefined ? [] : [chosen]), ...others].flatMap((platform) =>
    explainSettings(platform, { section: sections[platform.name], stage, environment, sourceOf }),
  );
}

function configLines({ file, entries }: Pick<Config, "file" | "entries">, auto: readonly string[]): Line[] {
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
      return from.stage === undefined ? "the file" : `the file, stages.${from.stage}`;
    case "environment":
      return from.variable;
    case "flag":
      return from.flag;
  }
}
