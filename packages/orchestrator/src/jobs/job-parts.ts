// The parts of one job, each of which knows only its own business; the runner and the workers' desks share them.

import type { ErrorRecord } from "@fnmesh/core";
import type { Clock } from "@fnmesh/core/internal";
import type { PricedAs } from "../cost/pricing.ts";
import type { JobRelays } from "../relay/pool/relay-pool.ts";
import { RelayRoom } from "../relay/relay-room.ts";
import { Introductions } from "../rendezvous/introductions.ts";
import type { PairRoutesOptions } from "../routing/pair-routes.ts";
import type { UsageSink } from "../stores/job-stores.ts";
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
  /** What its code may ask for. */
  readonly modules: readonly JobCode[];
  readonly crew: Crew;
  readonly relay: RelayRoom;
  /** The relays beside it that the job's pairs may be given. */
  readonly relays: JobRelays;
  readonly introductions: Introductions;
  readonly barriers: Barriers;
  readonly record: JobRecord;
  readonly output: OutputGate;
  readonly ways: Ways;
  /** The place for what keepers of stores have used on the job's behalf. */
  readonly storeUsage: UsageSink;
}

/** How pairs are given their ways, beside what the job itself says. */
export interface Routing extends Pick<PairRoutesOptions, "policy" | "ways"> {
  readonly relays: JobRelays;
}

export interface JobPartsOptions {
  readonly id: string;
  readonly spec: JobSpec;
  readonly ways: Ways;
  readonly routing: Routing;
  readonly pricedAs: PricedAs;
  /** The memory that each worker is paid for. */
  readonly billedMb: number;
  readonly clock: Clock;
  readonly onOutputTrouble: (error: ErrorRecord) => void;
  readonly onUndeliverable: (source: number, destination: number) => void;
}

export function jobParts({
  id,
  spec,
  ways,
  routing,
  pricedAs,
  billedMb,
  clock,
  onOutputTrouble,
  onUndeliverable,
}: JobPartsOptions): JobParts {
  const { workers: size } = spec;
  const { ladder, auto, notDirect } = ways;
  const crew = new Crew();
  const relay = new RelayRoom({ size, onUndeliverable });
  const record = new JobRecord({
    ...{ id, spec, ladder, pricedAs, billedMb },
    relayedBytes: () => relay.relayedBytes,
    relayServers: () => routing.relays.servers,
    nowMs: clock.now(),
  });
  return {
    spec,
    ways,
    code: jobCode(spec.code),
    modules: (spec.modules ?? []).map(jobCode),
    crew,
    relay,
    relays: routing.relays,
    introductions: new Introductions({
      size,
      ladder,
      auto,
      ...(notDirect === undefined ? {} : { notDirect }),
      ...routing,
      roundTripMs: (rank) => crew.roundTripMs(rank),
    }),
    barriers: new Barriers(size),
    record,
    output: new OutputGate(spec.output, onOutputTrouble),
    storeUsage: (rung, usage) => record.meter.storeUsage(rung, usage, clock.now()),
  };
}
