// The parts of one job, each of which knows only its own business; the runner and the workers' desks share them.

import type { ErrorRecord } from "@fnmesh/core";
import type { Clock } from "@fnmesh/core/internal";
import { Relay } from "../relay/relay.ts";
import { Introductions } from "../rendezvous/introductions.ts";
import { Barriers } from "./barriers.ts";
import { Crew } from "./crew.ts";
import type { JobSpec } from "./job.ts";
import { type JobCode, jobCode } from "./job-code.ts";
import { JobRecord } from "./job-report.ts";
import { OutputGate } from "./output-gate.ts";
import type { Ways } from "./welcome.ts";

export interface JobParts {
  readonly spec: JobSpec;
  readonly code: JobCode;
  readonly crew: Crew;
  readonly relay: Relay;
  readonly introductions: Introductions;
  readonly barriers: Barriers;
  readonly record: JobRecord;
  readonly output: OutputGate;
  readonly ways: Ways;
}

export interface JobPartsOptions {
  readonly id: string;
  readonly spec: JobSpec;
  readonly ways: Ways;
  readonly clock: Clock;
  readonly onOutputTrouble: (error: ErrorRecord) => void;
  readonly onUndeliverable: (source: number, destination: number) => void;
}

export function jobParts({
  id,
  spec,
  ways,
  clock,
  onOutputTrouble,
  onUndeliverable,
}: JobPartsOptions): JobParts {
  const { workers: size } = spec;
  const { ladder } = ways;
  const crew = new Crew();
  return {
    spec,
    ways,
    code: jobCode(spec.code),
    crew,
    relay: new Relay({ size, onUndeliverable }),
    introductions: new Introductions({ size, ladder, roundTripMs: (rank) => crew.roundTripMs(rank) }),
    barriers: new Barriers(size),
    record: new JobRecord(id, spec, clock.now()),
    output: new OutputGate(spec.output, onOutputTrouble),
  };
}
