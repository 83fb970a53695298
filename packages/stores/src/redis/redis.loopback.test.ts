import { hubSuite } from "../testing/hub.suite.ts";
import { keysOf } from "../testing/redis-client.ts";
import { startRedis } from "../testing/servers.ts";
import { driver } from "./driver.ts";
import { redisKeeper } from "./keeper.ts";
import { keysOfJob } from "./redis-keys.ts";

hubSuite({
  rung: "redis",
  driver,
  async start() {
    const server = await startRedis();
    const settings = { url: server.url };
    return {
      settings,
      keeper: redisKeeper(settings),
      leftovers: (job) => keysOf(server.url, keysOfJob(job)),
      stop: () => server.stop(),
    };
  },
});
