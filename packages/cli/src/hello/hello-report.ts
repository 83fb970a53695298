// The document of `fnmesh hello`, and its lines for a person. Pure.

import type { Check } from "../doctor/check.ts";
import { formatMs } from "../text/format.ts";
import { type Line, piece, type Tone } from "../text/paint.ts";
import type { HelloStep } from "./judge-hello.ts";

export interface HelloReport {
  readonly fnmesh: string;
  readonly node: string;
  readonly system: string;
  readonly provider: string;
  /** Not the command's own. Where is nobody's to know. */
  readonly orchestrator?: "elsewhere";
  /** Undefined: on this machine, where there is none, or the orchestrator elsewhere has its own. */
  readonly stage?: string;
  readonly nat: string;
  /** What is known of the platform's network, with its source. */
  readonly network?: string;
  readonly ok: boolean;
  readonly steps: readonly HelloStep[];
}

export const isGood = (steps: readonly HelloStep[]): boolean =>
  steps.every(({ status }) => status === "ok" || status === "warn");

const tones: Readonly<Record<HelloStep["status"], Tone>> = {
  ...({ ok: "good", warn: "busy", fail: "bad" } satisfies Record<Check["status"], Tone>),
  skipped: "dim",
};

export function helloLines(report: HelloReport): Line[] {
  const { fnmesh, node, system, provider, stage, network, steps } = report;
  const place = stage === undefined ? provider : `${provider}, stage ${stage}`;
  return [
    [piece(`fnmesh ${fnmesh}, Node ${node}, ${system}`)],
    [piece(`${place}, ${surroundings(report)}`)],
    ...(network === undefined ? [] : [[piece(network, "dim")]]),
    [],
    ...steps.map(stepLine),
  ];
}

function surroundings({ orchestrator, nat }: HelloReport): string {
  if (orchestrator !== undefined) return `an orchestrator ${orchestrator}`;
  return nat === "none" ? "no NAT lab" : `NAT lab ${nat}`;
}

function stepLine({ name, status, detail, ms, code }: HelloStep): Line {
  const time = ms === undefined ? "" : formatMs(ms);
  return [
    piece(status.padEnd(8), tones[status]),
    piece(name.padEnd(11), "bold"),
    piece(time.padEnd(9), "dim"),
    piece(code === undefined ? detail : `${code}: ${detail}`),
  ];
}
