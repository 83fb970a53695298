// `fnmesh doctor`: what this machine can do for fnmesh, and the platform that is chosen; and what to do about the rest.

import { labAvailability } from "@fnmesh/netlab";
import { hideStores } from "../config/load-config.ts";
import { type Check, canRun, checkLines } from "../doctor/check.ts";
import { judgeDescriptors, judgeLab, judgeMemory, judgeNode, judgePlatform } from "../doctor/judge.ts";
import { probePlatform } from "../doctor/probe-platform.ts";
import { type FoundConfig, findConfig, probeStores } from "../doctor/probe-stores.ts";
import { descriptorLimit, probeBundler, probeDial, probeJob } from "../doctor/probes.ts";
import type { ExitCode } from "../exit-codes.ts";
import { type Host, stdoutStyle, writeJson, writeText } from "../host.ts";
import { configFile } from "../options/run-options.ts";
import { findPlatform, isLocal, type Platforms } from "../platform/pick-platform.ts";
import type { RawSettingsOptions } from "../program.ts";
import { paint } from "../text/paint.ts";

/** 0: jobs can run; 3: they cannot. Rejects with UNKNOWN_PROVIDER. */
export async function doctorCommand(
  raw: RawSettingsOptions,
  host: Host,
  platforms: Platforms,
): Promise<ExitCode> {
  const { json, provider, stage } = raw;
  const { cwd, environment } = host;
  const place = { folder: cwd, file: configFile(raw.config), cwd, environment, flags: { provider, stage } };
  const found = await findConfig(place);
  const { config } = found;
  const platform =
    config === undefined || isLocal(config.provider)
      ? undefined
      : await findPlatform(config.provider, platforms);
  // Before what proves who we are is taken out of the environment.
  const there =
    platform === undefined || config === undefined ? [] : await probePlatform(platform, config, environment);
  // What the probes start inherits no secret.
  hideStores(environment, config ?? { variables: [] });
  const checks = [...(await examine(found)), ...there];
  const exitCode = canRun(checks) ? 0 : 3;
  if (json) {
    await writeJson(host, { ok: exitCode === 0, checks });
  } else {
    // Advice is never cut to the terminal's width.
    const style = { ...stdoutStyle(host), columns: Number.MAX_SAFE_INTEGER };
    const lines = checkLines(checks, platform && `on ${platform.title}`).map((line) => paint(line, style));
    await writeText(host.stdout, `${lines.join("\n")}\n`);
  }
  return exitCode;
}

/** One after another: what they measure must not disturb the others. */
async function examine({ check, config }: FoundConfig): Promise<Check[]> {
  return [
    judgeNode(process.versions.node),
    judgePlatform(process.platform, process.arch),
    judgeMemory(process.availableMemory()),
    judgeDescriptors(await descriptorLimit()),
    await probeDial(),
    await probeBundler(),
    await probeJob(),
    judgeLab(await labAvailability()),
    check,
    ...(config === undefined ? [] : await probeStores(config)),
  ];
}
