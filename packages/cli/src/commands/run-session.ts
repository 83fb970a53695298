// The parts that a run needs, opened one after another: place, provider, orchestrator. Each closes with the cleanup.

import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import type { Log, Provider } from "@fnmesh/core/internal";
import { nodeEnv } from "@fnmesh/core/internal";
import { createOrchestrator, type Orchestrator } from "@fnmesh/orchestrator";
import type { Pricing } from "@fnmesh/orchestrator/cost";
import { localProvider } from "@fnmesh/providers/local";
import type { S3Access, StoreSettings } from "@fnmesh/stores";
import type { Cleanup } from "../cleanup.ts";
import type { RunOptions } from "../options/run-options.ts";
import type { Picked } from "../platform/pick-platform.ts";
import { type Relays, startRelays } from "../relays/start-relays.ts";
import { openKeepers } from "../store-access/open-keepers.ts";
import { placesOf } from "../store-access/places.ts";
import { withInput } from "../store-access/stores-of-run.ts";
import { oneLine } from "../text/columns.ts";
import { plural } from "../text/format.ts";
import { isDyingWords } from "./dying-words.ts";

export type SessionWishes = Pick<
  RunOptions,
  "nat" | "workers" | "relays" | "listen" | "port" | "observePort" | "advertise"
>;

export interface SessionOptions {
  readonly options: SessionWishes;
  /** The platform that workers run on; undefined: this machine. */
  readonly picked: Picked | undefined;
  /** Those that the job may use. */
  readonly stores: StoreSettings;
  /** Where its input is, if it is in S3. */
  readonly s3: S3Access | undefined;
  readonly pricing: Pricing;
  readonly environment: NodeJS.ProcessEnv;
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
  /** As they read from here and from where the workers are. */
  readonly stores: StoreSettings;
  readonly s3: S3Access | undefined;
}

export interface Session {
  readonly orchestrator: Orchestrator;
  /** Where input in S3 is read, as it reads from here and from where the workers are. */
  readonly s3: S3Access | undefined;
}

/** Rejects with LAB_UNAVAILABLE, LAB_SELF_TEST, PROVIDER_UNAVAILABLE, PORT_IN_USE or CANCELLED. What was opened by then is in the cleanup. */
export async function openSession(session: SessionOptions): Promise<Session> {
  const { options, log, cleanup, signal } = session;
  const { relays: count = 0 } = options;
  const place = await openPlace(session);
  const env = nodeEnv({ log });
  const provider = await openProvider(session, place);
  cleanup.add("provider", () => provider.close());
  // Opened last and closed after the orchestrator: to it, a relay that ends in mid-job is a loss.
  let relays: Relays | undefined;
  cleanup.add("relays", () => relays?.close());
  const relayToken = count === 0 ? {} : { relayToken: randomBytes(24).toString("base64url") };
  const keepers = await openKeepers(place.stores, cleanup);
  const orchestrator = await createOrchestrator({
    env,
    providers: [provider],
    listen: { host: place.host, port: options.port, observePort: options.observePort },
    ...(options.advertise === undefined ? {} : { advertise: options.advertise }),
    ...session.pricing,
    ...relayToken,
    stores: place.stores,
    keepers,
    storeLedger: { parent: tmpdir(), places: placesOf(session.stores) },
  });
  cleanup.add("orchestrator", () => orchestrator.close());
  signal.throwIfAborted();
  if (relayToken.relayToken !== undefined)
    relays = await openRelays(session, orchestrator, place.host, relayToken.relayToken);
  return { orchestrator, s3: place.s3 };
}

function openRelays(
  { options, environment, log, signal, phase }: SessionOptions,
  { address }: Orchestrator,
  host: string,
  token: string,
): Promise<Relays> {
  const { relays: count = 0 } = options;
  phase(`starting ${plural(count, "relay")}`);
  // They are beside the orchestrator: they dial what it listens on, and workers dial them where they dial it.
  const at = { host: wildcards[host] ?? host, port: address.port };
  const advertise = { advertise: address.host };
  return startRelays({ count, orchestrator: at, host, ...advertise, token, environment, log, signal });
}

/** How a server that listens on all addresses is dialled from its own machine. */
const wildcards: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

async function openPlace(session: SessionOptions): Promise<Place> {
  const { options, stores, s3, cleanup, signal, phase } = session;
  if (options.nat === "none") return { host: options.listen ?? "127.0.0.1", enter: () => [], stores, s3 };
  phase(`making a NAT lab: ${options.nat}, ${options.workers} workers`);
  const { openLabGate, openSandboxedLab } = await import("../lab-session.ts");
  const lab = await openSandboxedLab(options, signal);
  cleanup.add("NAT lab", () => lab.close());
  const gate = await openLabGate(withInput(stores, s3), lab);
  cleanup.add("lab's gate", () => gate.close());
  return {
    host: lab.orchestratorHost,
    enter: (rank) => lab.enter(rank),
    ...behindGate(session, gate.stores),
  };
}

/** The channel's stores and the input's, each with the address that the gate has for it. */
function behindGate({ stores, s3 }: SessionOptions, atGate: StoreSettings): Pick<Place, "stores" | "s3"> {
  const ofChannel = Object.fromEntries(Object.entries(atGate).filter(([rung]) => rung in stores));
  const endpoint = (atGate["s3-combined"] ?? atGate["s3-naive"])?.endpoint;
  return { stores: ofChannel, s3: s3 && { ...s3, ...(endpoint === undefined ? {} : { endpoint }) } };
}

async function openProvider({ picked, log, print }: SessionOptions, { enter }: Place): Promise<Provider> {
  if (picked !== undefined) return await picked.platform.open(picked.settings, { ...picked.session, log });
  const onStdout = (rank: number, line: string) => print(`[${rank}] ${oneLine(line)}`);
  const onStderr = (rank: number, line: string) => isDyingWords(line) || onStdout(rank, line);
  return localProvider({ place: enter, log, onStdout, onStderr });
}
