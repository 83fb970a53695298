// The drivers that go with the benchmarks' jobs.

import { driver as memcached } from "@fnmesh/stores/memcached";
import { driver as redis } from "@fnmesh/stores/redis";
import { driver as s3 } from "@fnmesh/stores/s3";
import { dilatedDrivers } from "./dilated-driver.ts";

export const stores = dilatedDrivers({ redis, memcached, "s3-naive": s3, "s3-combined": s3 });
