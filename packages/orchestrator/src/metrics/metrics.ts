// The orchestrator's metrics in Prometheus' text format, from a registry of its own: one process may hold several
// orchestrators. Read at the scrape from the facade, so that nothing else has to know of metrics.

import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Orchestrator } from "../orchestrator.ts";
import { createJobTally, type JobTally } from "./job-tally.ts";

export interface HttpObservation {
  readonly method: string;
  /** The route's pattern and never the path itself, which a client can make endlessly many of. */
  readonly route: string;
  readonly status: number;
  /** Until the headers were sent. */
  readonly seconds: number;
}

export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  observeHttp(observation: HttpObservation): void;
  close(): void;
}

interface Reading {
  readonly name: string;
  readonly help: string;
  readonly kind: "gauge" | "counter";
  /** The label whose values the record's keys are. */
  readonly label?: string;
  readonly read: () => Readonly<Record<string, number>> | number;
}

const readings = (orchestrator: Orchestrator, tally: JobTally): readonly Reading[] => [
  {
    name: "fnmesh_jobs",
    help: "Jobs that have not ended, by status",
    kind: "gauge",
    label: "status",
    read: () => tally.now().live,
  },
  {
    name: "fnmesh_jobs_ended_total",
    help: "Jobs that have ended, by status",
    kind: "counter",
    label: "status",
    read: () => tally.now().ended,
  },
  {
    name: "fnmesh_workers",
    help: "Workers of jobs that have not ended, by how far they have come; one that has finished has joined too",
    kind: "gauge",
    label: "state",
    read: () => tally.now().workers,
  },
  {
    name: "fnmesh_pairs_total",
    help: "Pairs of workers that carried at least one message, by path",
    kind: "counter",
    label: "path",
    read: () => tally.now().pairs,
  },
  {
    name: "fnmesh_bytes_total",
    help: "Bytes between workers, by path",
    kind: "counter",
    label: "path",
    read: () => tally.now().bytes,
  },
  {
    name: "fnmesh_connections",
    help: "Open connections of workers to the orchestrator, by kind; pending ones have not proved who they are",
    kind: "gauge",
    label: "kind",
    read: () => orchestrator.stats().connections,
  },
  {
    name: "fnmesh_refused_total",
    help: "Connections turned away, by reason",
    kind: "counter",
    label: "reason",
    read: () => orchestrator.stats().refused,
  },
  {
    name: "fnmesh_relays",
    help: "Relay processes that are registered",
    kind: "gauge",
    read: () => orchestrator.stats().relays,
  },
  {
    name: "fnmesh_relayed_bytes_total",
    help: "Bytes of peer frames that the relays have passed on",
    kind: "counter",
    read: () => orchestrator.stats().relayedBytes,
  },
];

function register(registry: Registry, { name, help, kind, label, read }: Reading): void {
  const labelNames = label === undefined ? [] : [label];
  const rows = (): readonly [Record<string, string>, number][] => {
    const value = read();
    if (typeof value === "number") return [[{}, value]];
    return Object.entries(value).map(([key, count]) => [{ [label!]: key }, count]);
  };
  const registers = [registry];
  if (kind === "gauge") {
    const gauge = new Gauge({
      name,
      help,
      labelNames,
      registers,
      collect: () => {
        for (const [labels, count] of rows()) gauge.set(labels, count);
      },
    });
    return;
  }
  const counter = new Counter({
    name,
    help,
    labelNames,
    registers,
    // The facade counts since the start: each scrape shows its totals as they are.
    collect: () => {
      counter.reset();
      for (const [labels, count] of rows()) counter.inc(labels, count);
    },
  });
}

export function createMetrics(orchestrator: Orchestrator): Metrics {
  const registry = new Registry();
  const tally = createJobTally(orchestrator);
  for (const reading of readings(orchestrator, tally)) register(registry, reading);
  const requests = new Counter({
    name: "fnmesh_http_requests_total",
    help: "HTTP requests, by method, route and status",
    labelNames: ["method", "route", "status"],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: "fnmesh_http_request_seconds",
    help: "Time to the headers of the answer, by route",
    labelNames: ["route"],
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10],
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    observeHttp: (observation) => {
      const { method, route, status } = observation;
      requests.inc({ method, route, status });
      seconds.observe({ route }, observation.seconds);
    },
    close: tally.close,
  };
}
