// A relay as a process of its own, as `fnmesh relay`, on the clock that its orchestrator has. Takes its options as the
// first line of standard input, because they hold a token, says `{"ready":true}` when workers may come, answers each
// further line with what it has used, and ends with that input: with whoever started it.

import { createInterface } from "node:readline";
import { nodeEnv } from "@fnmesh/core/internal";
import { startRelay } from "@fnmesh/orchestrator";
import { dilatedClock } from "../lib/dilated-clock.ts";

export interface RelayOptions {
  readonly orchestrator: { readonly host: string; readonly port: number };
  readonly token: string;
  readonly listen: { readonly host: string; readonly port: number };
  /** Where workers dial, on the same port. */
  readonly advertise: string;
  readonly dilation: number;
}

const say = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);

async function start({ dilation, ...options }: RelayOptions): Promise<void> {
  const env = nodeEnv();
  const relay = await startRelay({ ...options, env: { ...env, clock: dilatedClock(env.clock, dilation) } });
  await relay.registered;
  say({ ready: 1 });
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}

let started = false;
createInterface({ input: process.stdin })
  .on("line", (line) => {
    if (!started) {
      started = true;
      start(JSON.parse(line) as RelayOptions).catch(fail);
      return;
    }
    const { user, system } = process.cpuUsage();
    say({ processorMs: Math.round((user + system) / 1000) });
  })
  .on("close", () => process.exit(0));
