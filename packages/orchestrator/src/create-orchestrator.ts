// Puts an orchestrator together: the two ports, the jobs behind them, and their orderly end.

import type { Invocation, Net } from "@fnmesh/core/internal";
import { JobBoard } from "./jobs/job-board.ts";
import type { Orchestrator, OrchestratorOptions } from "./orchestrator.ts";
import { RelayPool } from "./relay/pool/relay-pool.ts";
import { listenForWorkers, type Rendezvous } from "./rendezvous/listener.ts";
import { listenForObservers, type ObserveListener } from "./rendezvous/observe-listener.ts";
import { Refusals } from "./rendezvous/refusals.ts";
import { defaultPolicy } from "./routing/policy.ts";
import type { StoreRoom } from "./stores/job-stores.ts";
import { openStoreLedger } from "./stores/store-ledger.ts";
import { tidyStores } from "./stores/tidy.ts";

const presets = { host: "127.0.0.1", joinTimeoutMs: 60_000 } as const;
const wildcards: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/**
 * Starts an orchestrator: it listens for workers, and takes jobs.
 * Rejects with PORT_IN_USE or INVALID_ARGUMENT; nothing is left open then.
 *
 * @example
 * const orchestrator = await createOrchestrator({ env: nodeEnv(), providers: [localProvider({ entry })] });
 * const report = await orchestrator.submit(spec).report;
 * await orchestrator.close();
 */
export async function createOrchestrator(options: OrchestratorOptions): Promise<Orchestrator> {
  const { env, providers, listen = {}, joinTimeoutMs = presets.joinTimeoutMs } = options;
  const host = listen.host ?? presets.host;
  const refusals = new Refusals();
  const pool = new RelayPool();
  const storeRoom = makeStoreRoom(options);
  const board = new JobBoard({
    env,
    providers: new Map(providers.map((provider) => [provider.name, provider])),
    joinTimeoutMs,
    refusals,
    stores: options.stores ?? {},
    policy: options.policy ?? defaultPolicy,
    wayFacts: options.wayFacts ?? {},
    pool,
    storeRoom,
  });
  const rendezvous = await listenForWorkers({ env, host, port: listen.port ?? 0, door: board, refusals });
  const observe = await listenForObservers(env, host, listen.observePort ?? 0).catch(
    async (error: unknown) => {
      await rendezvous.close();
      throw error;
    },
  );
  const address = {
    host: options.advertise ?? reachable(host, env.net),
    port: rendezvous.port,
    observePort: observe.port,
  };
  const tidying = tidyStores(storeRoom);
  const closeStores = async () => {
    await tidying.stop();
    await storeRoom.ledger?.close();
  };
  return facade({ board, rendezvous, observe, refusals, address, closeStores });
}

const makeStoreRoom = ({ env, keepers = [], storeLedger }: OrchestratorOptions): StoreRoom => ({
  keepers,
  places: storeLedger?.places ?? {},
  ledger: storeLedger && keepers.length > 0 ? openStoreLedger(storeLedger.parent, env.log) : undefined,
  clock: env.clock,
  wallClock: () => Date.now(),
  log: env.log,
});

interface Parts {
  readonly board: JobBoard;
  readonly rendezvous: Rendezvous;
  readonly observe: ObserveListener;
  readonly refusals: Refusals;
  readonly address: Invocation["orchestrator"];
  readonly closeStores: () => Promise<void>;
}

function facade({ board, rendezvous, observe, refusals, address, closeStores }: Parts): Orchestrator {
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= (async () => {
      await board.cancelAll("the orchestrator is shut down");
      await Promise.all([rendezvous.close(), observe.close(), closeStores()]);
    })();
    return closing;
  };
  return {
    address,
    submit: (spec) => board.submit(spec, address),
    jobs: () => board.handles(),
    job: (id) => board.handle(id),
    onSubmit: (listener) => board.onSubmit(listener),
    stats: () => {
      const { control, relay, relayedBytes } = board.counts();
      return {
        connections: { pending: rendezvous.pending, control, relay },
        refused: refusals.counts(),
        relayedBytes,
      };
    },
    drain: async (signal) => {
      await finishedOrAborted(board.finish(), signal);
      await close();
    },
    close,
  };
}

/** What workers dial when the orchestrator listens on all of its addresses. */
const reachable = (host: string, net: Net): string =>
  wildcards.has(host) ? (net.hostAddresses()[0] ?? presets.host) : host;

/** Resolves when either is the case; listens no longer than that. */
async function finishedOrAborted(finished: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return;
  const done = new AbortController();
  const aborted = new Promise<void>((resolve) =>
    signal?.addEventListener("abort", () => resolve(), { once: true, signal: done.signal }),
  );
  await Promise.race([finished, aborted]);
  done.abort();
}
