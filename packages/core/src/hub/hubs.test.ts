import { describe, expect, test } from "vitest";
import { nodeEnv } from "../env/node-env.ts";
import { FnmeshError } from "../errors/errors.ts";
import type { Invocation } from "../provider/provider.ts";
import type { StoreConnectOptions, StoreDrivers } from "../store/store.ts";
import type { Hub } from "./hub.ts";
import { createHubs } from "./hubs.ts";
import { noticeBoard } from "./notice-board.ts";

const invocation: Invocation = {
  version: 1,
  job: "abc",
  rank: 2,
  attempt: 1,
  orchestrator: { host: "127.0.0.1", port: 1, observePort: 2 },
  secret: "",
  timeoutMs: 1000,
};

const hub = (closed: string[], name: string): Hub => ({
  path: "redis",
  open: () => {
    throw new Error("not in this test");
  },
  gone: () => {},
  close: async () => void closed.push(name),
  destroy: () => {},
});

function setUp(drivers: Promise<StoreDrivers>) {
  return createHubs({
    env: nodeEnv(),
    invocation,
    secret: new Uint8Array(32),
    size: 4,
    settings: { redis: { url: "redis://there" } },
    drivers,
    notices: noticeBoard(() => {}),
    remainingMs: () => 1000,
    signal: new AbortController().signal,
  });
}

describe("a worker's hubs", () => {
  test("are made once, by the driver that came with the job, and told what they need", async () => {
    const closed: string[] = [];
    const asked: StoreConnectOptions[] = [];
    const connect = async (options: StoreConnectOptions) => {
      asked.push(options);
      options.usage.commands += 3;
      return hub(closed, options.rung);
    };
    const hubs = setUp(Promise.resolve({ redis: { connect } }));
    const [one, two] = await Promise.all([hubs.get({ rung: "redis" }), hubs.get({ rung: "redis" })]);
    expect(one).toBe(two);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({
      rung: "redis",
      settings: { url: "redis://there" },
      job: "abc",
      self: { rank: 2, attempt: 1 },
      size: 4,
    });
    expect(hubs.usages()).toMatchObject([{ rung: "redis", commands: 3 }]);
    await hubs.close();
    expect(closed).toEqual(["redis"]);
  });

  test("wait for the drivers: a peer may need a way before this worker's job is loaded", async () => {
    let found: (drivers: StoreDrivers) => void = () => {};
    const hubs = setUp(new Promise((resolve) => (found = resolve)));
    const asked = hubs.get({ rung: "redis" });
    found({ redis: { connect: async () => hub([], "redis") } });
    expect((await asked).path).toBe("redis");
  });

  test("that cannot be made say so, every time, and closing minds nothing", async () => {
    let tries = 0;
    const connect = async () => {
      tries += 1;
      throw new FnmeshError("STORE_AUTH", "the password is wrong");
    };
    const hubs = setUp(Promise.resolve({ redis: { connect } }));
    for (let count = 0; count < 2; count += 1) {
      await expect(hubs.get({ rung: "redis" })).rejects.toMatchObject({ code: "STORE_AUTH" });
    }
    expect(tries).toBe(1);
    await expect(hubs.get({ rung: "memcached" })).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    await expect(hubs.get({ rung: "direct" })).rejects.toMatchObject({ code: "PROTOCOL" });
    await hubs.close();
  });
});
