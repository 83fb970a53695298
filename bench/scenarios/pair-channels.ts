// One pair over each channel, as fast as this machine goes: how fast messages pass, and how soon an answer comes, beside
// the direct way. The channels take turns; how many messages a turn has depends on how many the channel takes in its time.

import { join } from "node:path";
import type { Rung } from "@fnmesh/core/protocol";
import { type ChannelSample, channelsOutcome } from "../lib/channel-figures.ts";
import { withCleanup } from "../lib/cleanup.ts";
import { openSteering, type Steering } from "../lib/control.ts";
import { type Fnmesh, failureOf } from "../lib/fnmesh.ts";
import { connectedPair, type Pair, roundTrip, sendTime } from "../lib/pair-ends.ts";
import { sizes } from "../lib/pair-figures.ts";
import type { Outcome, ScenarioOptions } from "../lib/scenario.ts";
import { openLocal } from "../settings/local.ts";

const presetRepetitions = 5;
const loopback = "127.0.0.1";
/** As with the rivals: short turns, so that whatever else the machine does disturbs all alike. */
const turnMs = 200;

export const pairOverChannels = (options: ScenarioOptions, channels: readonly Rung[]): Promise<Outcome> =>
  withCleanup(async (defer) => {
    const { signal, say, bundles } = options;
    const steering = await openSteering(loopback, signal);
    defer(() => steering.close());
    const { fnmesh } = await openLocal({ workers: 2, channels, dilation: 1, bundles, signal, say, defer });
    const failed: Promise<never>[] = [];
    for (const channel of channels) failed.push((await startJob(fnmesh, options, steering, channel)).failed);
    const measured = connected(steering, channels).then((pairs) => measure(pairs, options));
    return channelsOutcome(await Promise.race([measured, ...failed]));
  });

/** `failed` rejects when the job ends before it should. */
async function startJob(
  fnmesh: Fnmesh,
  { bundles }: ScenarioOptions,
  { port }: Steering,
  channel: Rung,
): Promise<{ readonly failed: Promise<never> }> {
  const job = await fnmesh.submit({
    bundle: join(bundles, "jobs/pair.mjs"),
    workers: 2,
    encrypt: true,
    channel,
    params: { host: loopback, port: String(port), kind: channel },
  });
  return { failed: failureOf(job) };
}

async function connected(steering: Steering, channels: readonly Rung[]): Promise<ReadonlyMap<Rung, Pair>> {
  const pairs = new Map<Rung, Pair>();
  for (const channel of channels) pairs.set(channel, await connectedPair(steering, channel));
  return pairs;
}

interface Counts {
  messages: number;
  pings: number;
}

/** What fits into a turn, after what some took; never more than the fastest way is asked for. */
const fitting = (count: number, tookMs: number, most: number): number =>
  Math.max(1, Math.min(most, Math.round((count * turnMs) / Math.max(tookMs, 0.01))));

async function measure(
  pairs: ReadonlyMap<Rung, Pair>,
  { signal, say, repetitions = presetRepetitions }: ScenarioOptions,
): Promise<readonly ChannelSample[]> {
  const samples: ChannelSample[] = [];
  const counts = new Map<string, Counts>();
  // The first two turns warm up, find out how much a turn takes, and do not count.
  for (let turn = -1; turn <= repetitions; turn += 1) {
    say(turn < 1 ? "warming up" : `repetition ${turn} of ${repetitions}`);
    for (const { name: size, bytes, count: most, pings: mostPings } of sizes) {
      for (const [channel, pair] of pairs) {
        const known = counts.get(`${channel} ${size}`);
        const { messages, pings } = known ?? { messages: 4, pings: 2 };
        const ms = await sendTime(pair, bytes, messages);
        const roundTripUs = await roundTrip(pair, bytes, pings);
        counts.set(`${channel} ${size}`, {
          messages: turn < 1 ? fitting(messages, ms, most) : messages,
          pings: turn < 1 ? fitting(1, roundTripUs / 1000, mostPings) : pings,
        });
        if (turn > 0) samples.push({ channel, size, messageMs: ms / messages, roundTripUs });
        signal.throwIfAborted();
      }
    }
  }
  return samples;
}
