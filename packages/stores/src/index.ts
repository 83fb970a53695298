// For the orchestrator's side: settings, and who cleans up. The drivers have doors of their own, as each of them goes
// alone with a job's code.

export { memcachedKeeper } from "./memcached/keeper.ts";
export { parseMemcachedUrl } from "./memcached/memcached-url.ts";
export { redisKeeper } from "./redis/keeper.ts";
export { parseRedisUrl } from "./redis/redis-url.ts";
export { checkS3Settings } from "./s3/check-settings.ts";
export { s3Keeper } from "./s3/keeper.ts";
export { type S3CatalogOptions, s3Catalog } from "./s3-input/catalog.ts";
export type * from "./settings.ts";
