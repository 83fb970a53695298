// Chooses the view that fits where stderr goes.

import { nodeClock } from "@fnmesh/core/internal";
import type { Host } from "../host.ts";
import { plainView } from "./plain-view.ts";
import { type ProgressView, silentView } from "./progress-view.ts";
import { terminalView } from "./terminal-view.ts";

/** How much is shown: `logs` are what was asked for beside a --json document. */
export type ViewKind = "all" | "logs" | "nothing";

export function openView({ stderr, environment }: Host, kind: ViewKind): ProgressView {
  if (kind === "nothing") return silentView;
  const parts = { stream: stderr, clock: nodeClock, environment };
  if (kind === "logs") return { ...silentView, log: plainView(parts).log };
  if (!stderr.isTTY || environment.TERM === "dumb") return plainView(parts);
  const atExit = (restore: () => void) => {
    process.once("exit", restore);
    return () => void process.off("exit", restore);
  };
  return terminalView({ ...parts, atExit });
}
