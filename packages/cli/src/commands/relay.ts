// `fnmesh relay`: a relay beside an orchestrator, until it is told to end.

import { createInterface } from "node:readline";
import { nodeClock, nodeEnv } from "@fnmesh/core/internal";
import { startRelay } from "@fnmesh/orchestrator";
import type { ExitCode } from "../exit-codes.ts";
import { type Host, writeText } from "../host.ts";
import { type Interrupts, watchInterrupts } from "../interrupt.ts";
import { leastLevel, lineLog } from "../line-log.ts";
import { parseRelayOptions, type RawRelayOptions } from "../options/relay-options.ts";

/** Resolves after it was told to end. Rejects with USAGE, LIMIT, PORT_IN_USE, INVALID_ARGUMENT or AUTH. */
export async function relayCommand(operand: string, raw: RawRelayOptions, host: Host): Promise<ExitCode> {
  const options = parseRelayOptions(operand, raw, host.environment);
  const { orchestrator, advertise } = options;
  const say = (line: string) => void writeText(host.stderr, `${line}\n`);
  const log = lineLog(leastLevel(host.environment, "info"), say);
  const interrupts = watchInterrupts({ source: process, clock: nodeClock, force: () => host.exit(130) });
  try {
    const token = options.token ?? (await tokenOfStdin(interrupts));
    const relay = await startRelay({
      ...{ env: nodeEnv({ log }), orchestrator, token },
      listen: { host: options.host, port: options.port },
      ...(advertise === undefined ? {} : { advertise }),
    });
    try {
      const { id, address } = relay;
      const told = await Promise.race([relay.registered.then(() => true), aborted(interrupts.signal)]);
      // Whoever has started this process waits for the line.
      if (told)
        await writeText(host.stdout, `relay ${id} takes workers at ${address.host}:${address.port}\n`);
      await aborted(interrupts.signal);
    } finally {
      await relay.close();
    }
    return 0;
  } finally {
    interrupts.close();
  }
}

/** The first line. The end of stdin interrupts: whoever has started this process is gone, or wants its end. */
async function tokenOfStdin({ interrupt, signal }: Interrupts): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  lines.once("close", () => interrupt("the end of stdin"));
  const token = await new Promise<string>((resolve, reject) => {
    lines.once("line", resolve);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  // The listener keeps this process alive, and nothing else has to.
  if ("unref" in process.stdin) process.stdin.unref();
  return token.trim();
}

/** Resolves when the signal is aborted. */
function aborted(signal: AbortSignal): Promise<false> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    signal.addEventListener("abort", () => resolve(false), { once: true });
  });
}
