// `fnmesh doctor`: what this machine can do for fnmesh, and what to do about the rest.

import { labAvailability } from "@fnmesh/netlab";
import { hideStores } from "../config/load-config.ts";
import { type Check, canRun, checkLines } from "../doctor/check.ts";
import { judgeDescriptors, judgeLab, judgeMemory, judgeNode, judgePlatform } from "../doctor/judge.ts";
import { type FoundConfig, findConfig, probeStores } from "../doctor/probe-stores.ts";
import { descriptorLimit, probeBundler, probeDial, probeJob } from "../doctor/probes.ts";
import type { ExitCode } from "../exit-codes.ts";
import { type Host, stdoutStyle, writeJson, writeText } from "../host.ts";
import { configFile } from "../options/run-options.ts";
import type { RawConfigOptions } from "../program.ts";
import { paint } from "../text/paint.ts";

/** 0: jobs can run here; 3: they cannot. */
export async function doctorCommand(raw: RawConfigOptions, host: Host): Promise<ExitCode> {
  const { json } = raw;
  const { cwd, environment } = host;
  const found = await findConfig({ folder: cwd, file: configFile(raw.config), cwd, environment });
  // What the probes start inherits no secret.
  hideStores(environment, found.config ?? { variables: [] });
  const checks = await examine(found);
  const exitCode = canRun(checks) ? 0 : 3;
  if (json) {
    await writeJson(host, { ok: exitCode === 0, checks });
  } else {
    // Advice is never cut to the terminal's width.
    const style = { ...stdoutStyle(host), columns: Number.MAX_SAFE_INTEGER };
    const lines = checkLines(checks).map((line) => paint(line, style));
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
