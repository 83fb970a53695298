// `fnmesh doctor`: what this machine can do for fnmesh, and what to do about the rest.

import { labAvailability } from "@fnmesh/netlab";
import { type Check, canRun, checkLines } from "../doctor/check.ts";
import { judgeDescriptors, judgeLab, judgeMemory, judgeNode, judgePlatform } from "../doctor/judge.ts";
import { descriptorLimit, probeBundler, probeDial, probeJob } from "../doctor/probes.ts";
import type { ExitCode } from "../exit-codes.ts";
import { type Host, stdoutStyle, writeJson, writeText } from "../host.ts";
import { paint } from "../text/paint.ts";

/** 0: jobs can run here; 3: they cannot. */
export async function doctorCommand({ json }: { readonly json?: boolean }, host: Host): Promise<ExitCode> {
  const checks = await examine();
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
async function examine(): Promise<Check[]> {
  return [
    judgeNode(process.versions.node),
    judgePlatform(process.platform, process.arch),
    judgeMemory(process.availableMemory()),
    judgeDescriptors(await descriptorLimit()),
    await probeDial(),
    await probeBundler(),
    await probeJob(),
    judgeLab(await labAvailability()),
  ];
}
