// The benchmark command's options.

import { parseArgs } from "node:util";

export interface BenchOptions {
  readonly scenario: string;
  readonly workers: number | undefined;
  readonly repetitions: number | undefined;
  /** Where the JSON document goes. */
  readonly json: string | undefined;
}

/** Wrong usage, in words for the person. */
export class UsageError extends Error {}

const shape = {
  workers: { type: "string" },
  repetitions: { type: "string" },
  json: { type: "string" },
} as const;

export function parseOptions(args: readonly string[], scenarios: readonly string[]): BenchOptions {
  const { values, positionals } = parsed(args);
  const [scenario, ...more] = positionals;
  const choice = `one of: ${scenarios.join(", ")}`;
  if (scenario === undefined) throw new UsageError(`which scenario? ${choice}`);
  if (!scenarios.includes(scenario)) throw new UsageError(`no scenario "${scenario}"; ${choice}`);
  if (more.length > 0) throw new UsageError(`one scenario at a time, not also "${more.join(" ")}"`);
  return {
    scenario,
    workers: whole("--workers", values.workers, 2, 1000),
    repetitions: whole("--repetitions", values.repetitions, 1, 1000),
    json: values.json,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: shape, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function whole(name: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(`${name} takes a whole number from ${least} to ${most}, not "${text}"`);
}
