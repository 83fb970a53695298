import { expect, test } from "vitest";
import { type ChannelSample, channelsOutcome } from "./channel-figures.ts";
import { sizes } from "./pair-figures.ts";

const samples = (channel: ChannelSample["channel"], messageMs: number, roundTripUs: number) =>
  sizes.flatMap(({ name }) =>
    // Of three turns one was disturbed.
    [1, 50, 1].map((noise) => ({
      ...{ channel, size: name },
      ...{ messageMs: messageMs * noise, roundTripUs: roundTripUs * noise },
    })),
  );

test("a channel's figures stand beside the direct way's", () => {
  const { rows, ratios } = channelsOutcome([...samples("direct", 1, 100), ...samples("redis", 4, 500)]);
  expect(rows).toHaveLength(6);
  expect(rows.find((row) => row.message === "1MiB" && row.channel === "redis")).toEqual({
    ...{ message: "1MiB", channel: "redis" },
    ...{ mibPerSecond: 250, messagesPerSecond: 250, roundTripUs: 500 },
  });
  expect(ratios).toEqual({
    "throughputToDirect.redis.64B": 0.25,
    "throughputToDirect.redis.64KiB": 0.25,
    "throughputToDirect.redis.1MiB": 0.25,
    "roundTripToDirect.redis.64B": 5,
    "roundTripToDirect.redis.64KiB": 5,
    "roundTripToDirect.redis.1MiB": 5,
  });
});

test("without the direct way there is nothing to compare with", () => {
  expect(channelsOutcome(samples("relay", 1, 1)).ratios).toEqual({});
});
