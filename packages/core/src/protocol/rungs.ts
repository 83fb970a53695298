// The ways between two workers: what a user may ask for (rungs of a ladder), and what a report tells (paths).

import { FnmeshError } from "../errors/errors.ts";

export const rungs = ["direct", "relay", "redis", "memcached", "s3-naive", "s3-combined"] as const;

/** One way, with its layout where it has several. */
export type Rung = (typeof rungs)[number];

export const pathNames = ["direct", "relay", "redis", "memcached", "s3"] as const;

/** How the messages of a pair travel, as reports name it. */
export type PathName = (typeof pathNames)[number];

/** Rungs on which somebody else's server keeps the bytes until they are read. */
export type StoreRung = Exclude<Rung, "direct" | "relay">;

export const pathOf = (rung: Rung): PathName => (rung === "s3-naive" || rung === "s3-combined" ? "s3" : rung);

export const isStoreRung = (rung: Rung): rung is StoreRung => rung !== "direct" && rung !== "relay";

/** What `--channel` takes: one of these, or several rungs separated by commas. */
export const channelNames = ["auto", ...rungs] as const;

/** What a user asked for: `auto`, or the rungs that the text names. Throws UNKNOWN_CHANNEL. */
export function parseChannel(channel: string): "auto" | readonly Rung[] {
  if (channel.trim() === "auto") return "auto";
  const names = channel.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !(rungs as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new FnmeshError("UNKNOWN_CHANNEL", `there is no channel "${unknown}"`, {
      hint: `Known are: ${channelNames.join(", ")}; or several, separated by commas.`,
    });
  }
  if (new Set(names).size < names.length) {
    throw new FnmeshError("UNKNOWN_CHANNEL", `the channel "${channel}" names a way twice`);
  }
  if (names.indexOf("direct") > 0) {
    throw new FnmeshError("UNKNOWN_CHANNEL", `the channel "${channel}" has direct after another way`, {
      hint: "Name direct first: what cannot be direct takes the ways after it.",
    });
  }
  return names as readonly Rung[];
}
