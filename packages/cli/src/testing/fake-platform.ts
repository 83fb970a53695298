// A platform for tests of the commands: what it keeps is a map, and it fails where a test says so.

import { FnmeshError } from "@fnmesh/core";
import type { ProviderNetwork } from "@fnmesh/core/internal";
import type { Facts, Platform, Resource } from "@fnmesh/providers";
import type { Platforms } from "../platform/pick-platform.ts";

export interface FakeCloud {
  /** By kind and name: `role fnmesh-dev`. */
  readonly kept: Map<string, { readonly facts: Facts; readonly ours: boolean }>;
  /** What was done, in order: `create role fnmesh-dev`. */
  readonly calls: string[];
  /** Called in each create, update and remove, before it has an effect. */
  onCall: (call: string, signal: AbortSignal) => Promise<void>;
  /** Rejects in each read. */
  refusal: FnmeshError | undefined;
}

export const fakeCloud = (): FakeCloud => ({
  kept: new Map(),
  calls: [],
  onCall: async () => {},
  refusal: undefined,
});

interface FakeSettings {
  readonly region: string;
  readonly memoryMb: number;
  readonly function: string;
}

export interface FakeParts extends Partial<Pick<Platform, "open" | "needs" | "prices">> {
  readonly network?: Partial<ProviderNetwork>;
}

/** Two resources: a role, and a function of so much memory. It calls itself `aws`. */
export function fakePlatform(cloud: FakeCloud, parts: FakeParts = {}): Platforms {
  const platform: Platform<FakeSettings> = {
    name: "aws",
    title: "A fake cloud",
    limits: {
      memoryMb: { least: 128, most: 1024, preset: 256 },
      timeoutMs: { most: 60_000, preset: 30_000 },
      workers: 8,
      payloadBytes: 262_144,
      diskMb: 512,
      descriptors: 1_024,
      concurrency: 1_000,
    },
    network: {
      ...{ punching: "works", inbound: false, sharedAddress: false, because: "it is on one machine" },
      ...parts.network,
    },
    needs: parts.needs ?? { packages: [], tools: [] },
    prices: parts.prices ?? (() => "aws"),
    settings: (section, { stage, environment }) => settingsOf(section, stage, environment),
    resources: async (settings) => [
      resource(cloud, "role", settings.function, { region: settings.region }),
      resource(cloud, "function", settings.function, { memory: settings.memoryMb }),
    ],
    open: (parts.open ??
      (async () => {
        throw new FnmeshError("NOT_DEPLOYED", "the fake starts nothing");
      })) as Platform<FakeSettings>["open"],
  };
  return { aws: async () => platform as Platform };
}

function settingsOf(
  section: unknown,
  stage: string,
  environment: Readonly<Record<string, string | undefined>>,
): FakeSettings {
  const { region, memoryMb = 256, ...rest } = (section ?? {}) as Partial<FakeSettings>;
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) throw new FnmeshError("INVALID_ARGUMENT", `aws.${unknown} is no setting`);
  const inForce = environment.AWS_REGION ?? region;
  if (inForce === undefined) {
    throw new FnmeshError("INVALID_ARGUMENT", "aws.region is not set", { hint: "Set AWS_REGION." });
  }
  return { region: inForce, memoryMb, function: `fnmesh-${stage}` };
}

function resource(cloud: FakeCloud, kind: string, name: string, wanted: Facts): Resource {
  const key = `${kind} ${name}`;
  const act = async (verb: string, signal: AbortSignal) => {
    await cloud.onCall(`${verb} ${key}`, signal);
    signal.throwIfAborted();
    cloud.calls.push(`${verb} ${key}`);
  };
  return {
    kind,
    name,
    wanted,
    async read() {
      if (cloud.refusal !== undefined) throw cloud.refusal;
      return cloud.kept.get(key);
    },
    async create(signal) {
      await act("create", signal);
      cloud.kept.set(key, { facts: wanted, ours: true });
    },
    async update(_, signal) {
      await act("update", signal);
      cloud.kept.set(key, { facts: wanted, ours: true });
    },
    async remove(signal) {
      await act("remove", signal);
      cloud.kept.delete(key);
    },
  };
}
