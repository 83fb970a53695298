// fnmesh's own log as lines for a person. FNMESH_LOG says from which level on.

import { FnmeshError, type Log, type LogFields, type LogLevel } from "@fnmesh/core";
import { oneLine } from "./text/columns.ts";
import { didYouMean } from "./text/suggest.ts";

const levels = ["debug", "info", "warn", "error", "silent"] as const;
export type LeastLevel = (typeof levels)[number];

/** Throws USAGE for a level that does not exist. */
export function leastLevel(
  environment: Readonly<Record<string, string | undefined>>,
  preset: LeastLevel,
): LeastLevel {
  const given = environment.FNMESH_LOG;
  if (given === undefined || given === "") return preset;
  const found = levels.find((level) => level === given.toLowerCase());
  if (found !== undefined) return found;
  throw new FnmeshError("USAGE", `FNMESH_LOG is "${given}"`, { hint: didYouMean(given, levels) });
}

export const isShown = (level: LogLevel, least: LeastLevel) => levels.indexOf(level) >= levels.indexOf(least);

/** `warning: relay closed rank=3 reason=reset` */
export function lineLog(least: LeastLevel, write: (line: string) => void): Log {
  const at =
    (level: LogLevel, word: string) =>
    (message: string, fields: LogFields = {}) => {
      if (!isShown(level, least)) return;
      const pairs = Object.entries(fields).map(([key, value]) => ` ${key}=${value}`);
      write(oneLine(`${word}: ${message}${pairs.join("")}`));
    };
  return {
    debug: at("debug", "debug"),
    info: at("info", "info"),
    warn: at("warn", "warning"),
    error: at("error", "error"),
  };
}
