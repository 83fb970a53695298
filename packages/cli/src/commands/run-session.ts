// The parts that a run needs, opened one after another: place, provider, orchestrator. Each closes with the cleanup.

import type { Log, Provider } from "@fnmesh/core/internal";
import { nodeEnv } from "@fnmesh/core/internal";
import { createOrchestrator, type Orchestrator } from "@fnmesh/orchestrator";
import type { Pricing } from "@fnmesh/orchestrator/cost";
import { localProvider } from "@fnmesh/providers/local";
import type { StoreSettings } from "@fnmesh/stores";
import type { Cleanup } from "../cleanup.ts";
import type { RunOptions } from "../options/run-options.ts";
import { oneLine } from "../text/columns.ts";
import { isDyingWords } from "./dying-words.ts";

export interface SessionOptions {
  readonly options: RunOptions;
  readonly stores: StoreSettings;
  readonly pricing: Pricing;
  readonly log: Log;
  /** What a worker prints, a line at a time. */
  readonly print: (line: string) => void;
  readonly cleanup: Cleanup;
  readonly signal: AbortSignal;
  /** Told what is being done, for whoever watches. */
  readonly phase: (text: string) => void;
}

interface Place {
  /** Where the orchestrator listens. */
  readonly host: string;
  /** What goes before each worker's command. */
  readonly enter: (rank: number) => readonly string[];
}

/** Rejects with LAB_UNAVAILABLE, LAB_SELF_TEST, PORT_IN_USE or CANCELLED. What was opened by then is in the cleanup. */
export async function openSession(session: SessionOptions): Promise<Orchestrator> {
  const { options, log, cleanup, signal } = session;
  const place = await openPlace(session);
  const env = nodeEnv({ log });
  const provider = openProvider(session, place);
  cleanup.add("provider", () => provider.close());
  const orchestrator = await createOrchestrator({
    env,
    providers: [provider],
    listen: { host: place.host, port: options.port },
    stores: session.stores,
    ...session.pricing,
  });
  cleanup.add("orchestrator", () => orchestrator.close());
  signal.throwIfAborted();
  return orchestrator;
}

async function openPlace({ options, cleanup, signal, phase }: SessionOptions): Promise<Place> {
  if (options.nat === "none") return { host: "127.0.0.1", enter: () => [] };
  phase(`making a NAT lab: ${options.nat}, ${options.workers} workers`);
  const { openSandboxedLab } = await import("../lab-session.ts");
  const lab = await openSandboxedLab(options, signal);
  cleanup.add("NAT lab", () => lab.close());
  return { host: lab.orchestratorHost, enter: (rank) => lab.enter(rank) };
}

function openProvider({ log, print }: SessionOptions, { enter }: Place): Provider {
  const onStdout = (rank: number, line: string) => print(`[${rank}] ${oneLine(line)}`);
  const onStderr = (rank: number, line: string) => isDyingWords(line) || onStdout(rank, line);
  return localProvider({ place: enter, log, onStdout, onStderr });
}
