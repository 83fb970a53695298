// `fnmesh serve`: a standing orchestrator with its HTTP API. The first interrupt lets what runs come to its end, the
// second cancels it.

import { tmpdir } from "node:os";
import { type Log, nodeClock, nodeEnv, type Provider } from "@fnmesh/core/internal";
import { createOrchestrator, type Orchestrator } from "@fnmesh/orchestrator";
import { type Api, type ApiSources, createApi } from "@fnmesh/orchestrator/api";
import type { Pricing } from "@fnmesh/orchestrator/cost";
import { localProvider } from "@fnmesh/providers/local";
import { type Cleanup, createCleanup } from "../cleanup.ts";
import { type Config, hideStores, loadConfig } from "../config/load-config.ts";
import type { ExitCode } from "../exit-codes.ts";
import { type Host, writeText } from "../host.ts";
import { watchInterrupts } from "../interrupt.ts";
import { leastLevel, lineLog } from "../line-log.ts";
import { pricingOf } from "../options/pricing.ts";
import { parseServeOptions, type ServeOptions } from "../options/serve-options.ts";
import { isLocal, type Picked, type Platforms, pickPlatform } from "../platform/pick-platform.ts";
import { reachOf } from "../platform/reach.ts";
import { presetTo, sizesOf } from "../platform/sizes.ts";
import { presetHost, type RawServeOptions } from "../program.ts";
import { openKeepers } from "../store-access/open-keepers.ts";
import { placesOf } from "../store-access/places.ts";
import { plural } from "../text/format.ts";

/** Containers that wait for the next job, and how long: as long as clouds keep theirs at least. */
const warm = { most: 32, idleMs: 5 * 60_000 };

/** Resolves after the orchestrator was told to end. Rejects with USAGE, LIMIT, UNKNOWN_PROVIDER or PORT_IN_USE. */
export async function serveCommand(
  raw: RawServeOptions,
  host: Host,
  platforms: Platforms,
): Promise<ExitCode> {
  const options = parseServeOptions(raw, host.environment);
  const { cwd, environment } = host;
  const { config: file, stage } = options;
  const place = { folder: cwd, file, cwd, environment, flags: { stage } };
  const config = await loadConfig({ ...place, readsS3: "if-set" });
  const pricing = await pricingOf(undefined, config, cwd);
  const say = (line: string) => void writeText(host.stderr, `${line}\n`);
  const log = lineLog(leastLevel(host.environment, "info"), say);
  const picked = await pickAll(options, config, { platforms, environment, log });
  hideStores(environment, config);
  const cleanup = createCleanup(log);
  const forced = new AbortController();
  const interrupts = watchInterrupts({ source: process, clock: nodeClock, force: () => forced.abort() });
  try {
    const { orchestrator, api } = await open(options, { ...config, pricing, picked }, { log, cleanup });
    const { address } = orchestrator;
    say(`workers dial ${address.host}:${address.port}, the API is at ${api.url}`);
    await aborted(interrupts.signal);
    await drain(orchestrator, api, forced.signal, say);
    return forced.signal.aborted ? 130 : 0;
  } finally {
    await cleanup.run();
    interrupts.close();
  }
}

interface Settings extends Config {
  readonly pricing: Pricing;
  readonly picked: readonly Picked[];
}

/** Those platforms that are asked for, each once. Rejects with UNKNOWN_PROVIDER, INVALID_ARGUMENT or USAGE. */
async function pickAll(
  { providers, host, advertise }: ServeOptions,
  config: Config,
  { platforms, ...parts }: Parameters<typeof pickPlatform>[2] & { readonly platforms: Platforms },
): Promise<readonly Picked[]> {
  const names = [...new Set(providers ?? [config.provider])].filter((name) => !isLocal(name));
  for (const provider of names) {
    const hostAddresses = nodeEnv().net.hostAddresses();
    // What is preset was not named: --advertise names it.
    const listen = host === presetHost ? undefined : host;
    const { warning } = reachOf({ provider, listen, advertise, hostAddresses, flag: "--host" });
    if (warning !== undefined) parts.log.warn(warning);
  }
  return await Promise.all(names.map((provider) => pickPlatform({ ...config, provider }, platforms, parts)));
}

interface Surroundings {
  readonly log: Log;
  readonly cleanup: Cleanup;
}

async function open(
  options: ServeOptions,
  settings: Settings,
  { log, cleanup }: Surroundings,
): Promise<{ orchestrator: Orchestrator; api: Api }> {
  const orchestrator = await openOrchestrator(options, settings, { log, cleanup });
  const { apiHost: host, apiPort: port, insecure, tls, token } = options;
  const given = { ...(tls === undefined ? {} : { tls }), ...(token === undefined ? {} : { token }) };
  const sources = await sourcesOf(settings);
  const api = await createApi({ orchestrator, log, host, port, insecure, sources, ...given })
    // The API's options are refused after the orchestrator listens: it must not stay.
    .catch(async (error: unknown) => {
      await orchestrator.close();
      throw error;
    });
  // Running jobs read their input from the API's spool: the orchestrator closes before it.
  cleanup.add("API", () => api.close());
  cleanup.add("orchestrator", () => orchestrator.close());
  return { orchestrator, api };
}

/** Where jobs' input may be that is not uploaded. */
async function sourcesOf({ s3 }: Pick<Config, "s3">): Promise<ApiSources> {
  if (s3 === undefined) return {};
  const { s3Catalog } = await import("@fnmesh/stores");
  return { s3: { settings: s3, catalog: (signal) => s3Catalog({ access: s3, signal }) } };
}

async function openOrchestrator(
  { host, port, observePort, advertise, proxies, relayToken }: ServeOptions,
  { stores, pricing, picked }: Settings,
  { log, cleanup }: Surroundings,
): Promise<Orchestrator> {
  const provider = localProvider({ warm, log });
  cleanup.add("provider", () => provider.close());
  const clouds: Provider[] = [];
  for (const each of picked) {
    const { platform, settings, session } = each;
    const opened = await platform.open(settings, session);
    // Who asks from elsewhere has no settings: it goes by what is told there.
    const cloud = presetTo(opened, sizesOf({ memoryMb: undefined, timeoutMs: undefined }, each));
    cleanup.add(platform.title, () => cloud.close());
    clouds.push(cloud);
  }
  const keepers = await openKeepers(stores, cleanup);
  return createOrchestrator({
    env: nodeEnv({ log }),
    providers: [provider, ...clouds],
    listen: { host, port, observePort },
    ...(advertise === undefined ? {} : { advertise }),
    ...(proxies === undefined ? {} : { proxies }),
    stores,
    ...pricing,
    ...(relayToken === undefined ? {} : { relayToken }),
    keepers,
    storeLedger: { parent: tmpdir(), places: placesOf(stores) },
  });
}

async function drain(
  orchestrator: Orchestrator,
  api: Api,
  forced: AbortSignal,
  say: (line: string) => void,
): Promise<void> {
  const running = orchestrator.jobs().filter((job) => !isOver(job.snapshot().status)).length;
  say(running === 0 ? "ending" : `ending when ${plural(running, "job")} are done; once more cancels them`);
  api.drain();
  await orchestrator.drain(forced);
}

const over = new Set(["succeeded", "failed", "cancelled"]);
const isOver = (status: string) => over.has(status);

/** Resolves when the signal is aborted; keeps the process alive until then. */
function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const alive = setInterval(() => {}, 2 ** 30);
    const end = () => {
      clearInterval(alive);
      resolve();
    };
    signal.addEventListener("abort", end, { once: true });
  });
}
