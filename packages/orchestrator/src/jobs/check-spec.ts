// Whether a job can be run at all: everything that can be known before anything is started.

import { FnmeshError } from "@fnmesh/core";
import type { Provider, ProviderLimits } from "@fnmesh/core/internal";
import { encodeMessage, parseChannel, type StoreRung } from "@fnmesh/core/protocol";
import { type PricedAs, type Pricing, pricedAs } from "../cost/pricing.ts";
import { ladderOf } from "../routing/ladder.ts";
import type { JobSpec } from "./job.ts";
import { type Ways, welcomeMessage } from "./welcome.ts";

/** The whole module goes to every worker: more than this is data, which belongs into the input. */
const mostCodeBytes = 50 * 1024 * 1024;

/** Throws LIMIT, UNKNOWN_PROVIDER, UNKNOWN_CHANNEL or INVALID_ARGUMENT. */
export function checkSpec(
  spec: JobSpec,
  providers: ReadonlyMap<string, Provider>,
  stores: Ways["stores"],
  pricing: Pricing,
): { readonly provider: Provider; readonly ways: Ways; readonly pricedAs: PricedAs } {
  const provider = providers.get(spec.provider);
  if (provider === undefined) {
    throw new FnmeshError("UNKNOWN_PROVIDER", `there is no provider "${spec.provider}" here`, {
      hint: `This orchestrator has: ${[...providers.keys()].join(", ") || "none"}.`,
    });
  }
  checkLimits(spec, provider.limits);
  const texts = [spec.code, ...(spec.modules ?? [])];
  const codeBytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (texts.includes("") || codeBytes > mostCodeBytes) {
    throw new FnmeshError("INVALID_ARGUMENT", "the job's code is empty or longer than 50 MB", {
      hint: "Give data to the job by --input instead of bundling it.",
    });
  }
  if (spec.input.length !== spec.workers) {
    throw new FnmeshError("INVALID_ARGUMENT", `input for ${spec.input.length} workers, not ${spec.workers}`);
  }
  const { network } = provider;
  const ladder = ladderOf(spec.channel, Object.keys(stores) as StoreRung[], network);
  const used = Object.entries(stores).filter(([name]) => ladder.some((rung) => rung === name));
  const auto = parseChannel(spec.channel) === "auto";
  // Copies: they are this job's own.
  const unpunched = auto && network?.punching === "fails" ? { notDirect: network.because } : {};
  const ways = { ladder: [...ladder], auto, stores: Object.fromEntries(used), ...unpunched };
  checkWelcomes(spec, ways);
  return { provider, ways, pricedAs: pricedAs(pricing, { priceAs: spec.priceAs, own: provider.pricedAs }) };
}

function checkLimits(spec: JobSpec, { memoryMb, timeoutMs, workers }: ProviderLimits): void {
  const rules = [
    { what: "workers", option: "--workers", value: spec.workers, least: 1, most: workers, unit: "" },
    {
      what: "memory",
      option: "--memory",
      value: spec.memoryMb,
      least: memoryMb.least,
      most: memoryMb.most,
      unit: " MB",
    },
    {
      what: "the time limit",
      option: "--timeout",
      value: spec.timeoutMs,
      least: 1,
      most: timeoutMs.most,
      unit: " ms",
    },
  ];
  for (const { what, option, value, least, most, unit } of rules) {
    if (Number.isSafeInteger(value) && value >= least && value <= most) continue;
    throw new FnmeshError("LIMIT", `${what}: ${value}${unit} is not between ${least} and ${most}${unit}`, {
      hint: `Choose ${option} within what the provider ${spec.provider} has.`,
    });
  }
}

/** What a worker is told first has to fit into one message. */
function checkWelcomes(spec: JobSpec, ways: Ways): void {
  const code = { hash: "0".repeat(64), bytes: Number.MAX_SAFE_INTEGER };
  const observed = { host: "f".repeat(45), port: 65_535 };
  for (let rank = 0; rank < spec.workers; rank++) {
    try {
      encodeMessage(welcomeMessage(spec, rank, code, observed, ways));
    } catch (cause) {
      const message = `worker ${rank} has ${spec.input[rank]!.length} input parts and the job's parameters: too much to tell`;
      throw new FnmeshError("LIMIT", message, {
        cause,
        hint: "Use more workers, fewer but larger input files, or shorter parameters.",
      });
    }
  }
}
