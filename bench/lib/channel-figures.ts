// What the pair scenario measures over channels, and how its samples become rows and ratios.

import type { Rung } from "@fnmesh/core/protocol";
import { type Size, sizes } from "./pair-figures.ts";
import type { Outcome } from "./scenario.ts";
import { median, rounded } from "./statistics.ts";

/** One turn of one channel. */
export interface ChannelSample {
  readonly channel: Rung;
  readonly size: Size["name"];
  /** For one message of many on their way, until the receiver has them all. */
  readonly messageMs: number;
  readonly roundTripUs: number;
}

/** Throughput ratios: more is better. Round trip ratios: less is better. */
export function channelsOutcome(samples: readonly ChannelSample[]): Outcome {
  const channels = [...new Set(samples.map(({ channel }) => channel))];
  const figures = (channel: Rung, { name }: Size) => {
    const own = samples.filter((sample) => sample.channel === channel && sample.size === name);
    return {
      messageMs: median(own.map(({ messageMs }) => messageMs)),
      roundTripUs: median(own.map(({ roundTripUs }) => roundTripUs)),
    };
  };
  const rows = sizes.flatMap((size) =>
    channels.map((channel) => {
      const { messageMs, roundTripUs } = figures(channel, size);
      return {
        message: size.name,
        channel,
        mibPerSecond: rounded((size.bytes * 1000) / messageMs / 2 ** 20),
        messagesPerSecond: rounded(1000 / messageMs),
        roundTripUs: rounded(roundTripUs),
      };
    }),
  );
  const ratios: Record<string, number> = {};
  for (const channel of channels.includes("direct") ? channels : []) {
    for (const size of channel === "direct" ? [] : sizes) {
      const [own, direct] = [figures(channel, size), figures("direct", size)];
      ratios[`throughputToDirect.${channel}.${size.name}`] = rounded(direct.messageMs / own.messageMs);
      ratios[`roundTripToDirect.${channel}.${size.name}`] = rounded(own.roundTripUs / direct.roundTripUs);
    }
  }
  return { rows, ratios };
}
