// What a user may ask for with `--channel`. In a room of its own: a worker is told its ladder, and reads no names.

import { FnmeshError } from "../errors/errors.ts";
import { type Rung, rungs } from "./rungs.ts";

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
