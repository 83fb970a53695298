// The machine and software that a report's figures belong to.

import { readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from "node:os";

export interface Environment {
  readonly date: string;
  readonly node: string;
  readonly openssl: string;
  readonly platform: string;
  readonly kernel: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  /** The load of the last minute before the run: what else the machine was doing. */
  readonly loadBefore: number;
}

export function environment(): Environment {
  return {
    date: new Date().toISOString(),
    node: process.versions.node,
    openssl: process.versions.openssl,
    platform: `${platform()} ${arch()}`,
    kernel: release(),
    cpu: cpuModel(),
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    loadBefore: Number(loadavg()[0]!.toFixed(2)),
  };
}

function cpuModel(): string {
  const named = cpus()[0]?.model.trim();
  if (named !== undefined && named !== "" && named !== "unknown") return named;
  try {
    return /^model name\s*:\s*(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1] ?? "unknown";
  } catch {
    return "unknown"; // no /proc here: the figure is for people, and a run does not fail for it
  }
}
