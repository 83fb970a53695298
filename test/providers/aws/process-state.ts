// What a process has, seen from outside, so that a frozen one can be asked too.

import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** "T": stopped; "S", "R": not. */
export const stateOf = (pid: number): string =>
  readFileSync(`/proc/${pid}/stat`, "latin1")
    .replace(/^.*\) /, "")
    .slice(0, 1);

const tcpTables = ["tcp", "tcp6"] as const;
/** State 0A of RFC 793's, as Linux counts them. */
const listening = "0A";

/** The TCP sockets that a process holds, but for those whose remote port is one of `except`: `listen` or `PORT`. */
export function tcpSocketsOf(pid: number, except: readonly number[]): readonly string[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => /^socket:\[(\d+)\]$/.exec(linkOf(pid, fd))?.[1] ?? []),
  );
  return tcpTables
    .flatMap((table) => readFileSync(`/proc/${pid}/net/${table}`, "latin1").split("\n").slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => inodes.has(fields[9] ?? ""))
    .map(([, , remote, state]) => (state === listening ? "listen" : String(portIn(remote!))))
    .filter((socket) => !except.includes(Number(socket)));
}

const portIn = (address: string) => Number.parseInt(address.split(":")[1]!, 16);

function linkOf(pid: number, fd: string): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    return ""; // Closed meanwhile.
  }
}
