// Puts an orchestrator together: the two ports, the jobs behind them, and their orderly end.

import { FnmeshError } from "@fnmesh/core";
import type { Invocation } from "@fnmesh/core/internal";
import type { StoreRung } from "@fnmesh/core/protocol";
import { shippedPrices } from "./cost/prices/index.ts";
import { type Pricing, pricedAs } from "./cost/pricing.ts";
import { JobBoard } from "./jobs/job-board.ts";
import type { Offers, Orchestrator, OrchestratorOptions } from "./orchestrator.ts";
import { RelayDesk } from "./relay/pool/relay-desk.ts";
import { RelayPool } from "./relay/pool/relay-pool.ts";
import { leastTokenCharacters } from "./relay/registration.ts";
import { reachable } from "./rendezvous/address.ts";
import { listenForWorkers, type Rendezvous } from "./rendezvous/listener.ts";
import { listenForObservers, type ObserveListener } from "./rendezvous/observe-listener.ts";
import { trustedProxies } from "./rendezvous/proxy/trusted-proxies.ts";
import { Refusals } from "./rendezvous/refusals.ts";
import { defaultPolicy } from "./routing/policy.ts";
import type { StoreRoom } from "./stores/job-stores.ts";
import { openStoreLedger } from "./stores/store-ledger.ts";
import { tidyStores } from "./stores/tidy.ts";

const presets = { host: "127.0.0.1", joinTimeoutMs: 60_000 } as const;

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
  const proxies = options.proxies && trustedProxies(options.proxies);
  const refusals = new Refusals();
  const pool = new RelayPool();
  const pricing = pricingOf(options);
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
    pricing,
    storeRoom,
    onEnded: (job) => desk.forget(job),
  });
  const desk = new RelayDesk({
    token: checkedToken(options.relayToken),
    ...{ pool, jobs: board, refusals, clock: env.clock, log: env.log },
  });
  const rendezvous = await listenForWorkers({
    ...{ env, host, door: board, relays: desk, refusals, proxies },
    port: listen.port ?? 0,
  });
  const observe = await listenForObservers({
    ...{ env, host, refusals, proxies },
    port: listen.observePort ?? 0,
  }).catch(async (error: unknown) => {
    await rendezvous.close();
    throw error;
  });
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
  const offers = offersOf(options);
  return facade({ board, desk, pool, rendezvous, observe, refusals, address, offers, closeStores });
}

const offersOf = ({ providers, stores = {} }: OrchestratorOptions): Offers => ({
  providers: providers.map(({ name, limits, network }) => ({
    ...{ name, limits },
    ...(network === undefined ? {} : { network }),
  })),
  stores: Object.keys(stores) as StoreRung[],
});

function pricingOf({ prices = shippedPrices, priceAs }: OrchestratorOptions): Pricing {
  if (priceAs === undefined) return { prices };
  // A name without prices is told now, and not by each job.
  const { platform } = pricedAs({ prices }, { priceAs });
  return { prices, priceAs: platform };
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
  readonly desk: RelayDesk;
  readonly pool: RelayPool;
  readonly rendezvous: Rendezvous;
  readonly observe: ObserveListener;
  readonly refusals: Refusals;
  readonly address: Invocation["orchestrator"];
  readonly offers: Offers;
  readonly closeStores: () => Promise<void>;
}

function facade(parts: Parts): Orchestrator {
  const { board, desk, pool, rendezvous, observe, refusals, address, offers, closeStores } = parts;
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= (async () => {
      await board.cancelAll("the orchestrator is shut down");
      desk.close();
      await Promise.all([rendezvous.close(), observe.close(), closeStores()]);
    })();
    return closing;
  };
  return {
    address,
    offers,
    submit: (spec) => board.submit(spec, address),
    jobs: () => board.handles(),
    job: (id) => board.handle(id),
    onSubmit: (listener) => board.onSubmit(listener),
    stats: () => {
      const { control, relay, relayedBytes } = board.counts();
      return {
        connections: { pending: rendezvous.pending, control, relay },
        refused: refusals.counts(),
        relays: pool.size,
        relayedBytes: relayedBytes + desk.relayedBytes,
      };
    },
    drain: async (signal) => {
      await finishedOrAborted(board.finish(), signal);
      await close();
    },
    close,
  };
}

/** Throws INVALID_ARGUMENT. */
function checkedToken(token: string | undefined): string | undefined {
  if (token === undefined || token.length >= leastTokenCharacters) return token;
  throw new FnmeshError(
    "INVALID_ARGUMENT",
    `the relay token has less than ${leastTokenCharacters} characters`,
    {
      hint: "Make one: openssl rand -base64 24",
    },
  );
}

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
