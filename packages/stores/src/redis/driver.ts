// The driver that goes to the workers with the job's code.

import type { StoreDriver } from "@fnmesh/core/internal";
import { openRedisHub } from "./redis-hub.ts";
import { redisAddressOf } from "./redis-url.ts";

/** Redis 6.2 or later, or what speaks as it does (Valkey, ElastiCache). */
export const driver: StoreDriver = {
  connect: async (options) => openRedisHub(options, redisAddressOf(options.settings)),
};
