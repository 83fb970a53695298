// The sandbox as a container for processes: exit codes and signals come through, and nothing outlives it.

import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labAvailability } from "./availability.ts";
import { bundleInnerProgram, type InnerProgram, play } from "./testing/sandboxed.ts";

const availability = await labAvailability();
const root = process.getuid?.() === 0;

/** A file of /proc; empty if its process has ended. */
function procFile(file: string): string {
  try {
    return readFileSync(`/proc/${file}`, "utf8").trim();
  } catch {
    return "";
  }
}

/** All processes that descend from one. */
function descendants(pid: number): number[] {
  const children = procFile(`${pid}/task/${pid}/children`).split(" ").filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/** The network namespaces in which these processes are. */
function networksOf(pids: readonly (number | string)[]): Set<string> {
  const found = new Set<string>();
  for (const pid of pids) {
    try {
      found.add(readlinkSync(`/proc/${pid}/ns/net`));
    } catch {} // It ended in this moment, or is another user's.
  }
  return found;
}

const everyProcess = () => readdirSync("/proc").filter((name) => /^\d+$/.test(name));

/** A dead process whose parent has not looked yet is dead all the same. */
const isAlive = (pid: number | string) => /^State:\s+[^ZX]/m.test(procFile(`${pid}/status`));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe.runIf(availability.available)("a sandbox", () => {
  let inner: InnerProgram;
  beforeAll(async () => {
    inner = await bundleInnerProgram();
  });
  afterAll(() => inner.remove());

  const stay = (asNobody: boolean) => inner.command("stay", { profile: "restricted", workers: 4 }, asNobody);

  it("ends with the exit code of its command", async () => {
    expect(await play(inner.command("exit", { workers: 3 }))).toMatchObject({ code: 3, signal: null });
  });

  it.each([false, ...(root ? [true] : [])])(
    "dies with its outer process, every process and namespace of it (rootless: %s)",
    async (asNobody) => {
      const mountsBefore = readFileSync("/proc/self/mounts", "utf8");
      const ours = readlinkSync("/proc/self/ns/net");
      let processes: number[] = [];
      let networks: string[] = [];
      const ended = await play(stay(asNobody), (_line, outer) => {
        processes = descendants(outer.pid!);
        networks = [...networksOf(processes)].filter((network) => network !== ours);
        outer.kill("SIGKILL");
      });
      expect(ended.signal).toBe("SIGKILL");
      // unshare, the shell, the command and what it left running in a worker's place.
      expect(processes.length).toBeGreaterThanOrEqual(4);
      await until(() => !processes.some(isAlive));
      // The internet and a worker's place; nobody who escaped may still be in one of them.
      expect(networks).toHaveLength(2);
      const left = networksOf(everyProcess());
      expect(networks.filter((network) => left.has(network))).toEqual([]);
      expect(readFileSync("/proc/self/mounts", "utf8")).toBe(mountsBefore);
    },
  );

  it("dies with an outer process that is killed while it makes the sandbox", async () => {
    // Death signals are set step by step while a sandbox starts; these kills fall before, between and after the steps.
    const command = stay(false);
    const program = command.at(-3)!;
    const left = () =>
      everyProcess().filter((pid) => isAlive(pid) && procFile(`${pid}/cmdline`).includes(program));
    for (let delayMs = 0; delayMs < 10; delayMs++) {
      const outer = spawn(command[0]!, command.slice(1), { stdio: "ignore" });
      await until(() => descendants(outer.pid!).length > 0);
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      outer.kill("SIGKILL");
    }
    await until(() => left().length === 0);
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "hands %s to its command, and dies with it",
    async (signal) => {
      let processes: number[] = [];
      const onReady = (_line: unknown, outer: ChildProcess) => {
        processes = descendants(outer.pid!);
        outer.kill(signal);
      };
      // The command handles all but SIGHUP, which ends it as it ends any process.
      const { code } = await play(stay(false), onReady);
      expect(code).toBe(signal === "SIGHUP" ? 129 : 42);
      expect(processes.length).toBeGreaterThanOrEqual(4);
      await until(() => !processes.some(isAlive));
    },
  );

  it("ends at once when a signal comes before its command has started", async () => {
    expect(await play(inner.command("early", {}))).toMatchObject({ code: 143, said: [] });
  });

  it("keeps its namespaces to itself", async () => {
    const { said } = await play(stay(false), (_line, outer) => outer.kill("SIGTERM"));
    // The tmpfs, iproute2's own bind mount, and a namespace for each of four workers and their NATs.
    expect(said).toEqual([{ ready: true, mounts: expect.any(Number) }]);
    expect((said[0] as { mounts: number }).mounts).toBeGreaterThanOrEqual(9);
    expect(readFileSync("/proc/self/mounts", "utf8")).not.toContain("/run/netns/worker-");
  });
});
