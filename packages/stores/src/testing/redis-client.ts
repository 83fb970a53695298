// Commands to a Redis server of a test, beside what is tested.

import { nodeEnv, noUsage } from "@fnmesh/core/internal";
import { CommandPipe } from "../redis/command-pipe.ts";
import { parseRedisUrl } from "../redis/redis-url.ts";

/** One command on a connection of its own. Rejects with what Redis refuses. */
export function askRedis(url: string, ...words: readonly (string | number)[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const pipe = new CommandPipe({
      address: parseRedisUrl(url),
      env: nodeEnv(),
      usage: noUsage(),
      patience: { firstMs: 5_000, laterMs: 5_000 },
      scratchBytes: 64 * 1024,
      marker: "none",
      check: () => undefined,
      onReady: () => {},
      onFailed: reject,
    });
    void pipe.ask(...words).then((reply) => {
      pipe.destroy();
      resolve(reply);
    });
  });
}

export const keysOf = async (url: string, pattern: string): Promise<string[]> =>
  ((await askRedis(url, "KEYS", pattern)) as Buffer[]).map(String);
