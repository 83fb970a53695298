// The servers that the stores' tests run against: what they promise to the tests.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import net from "node:net";
import { createInterface } from "node:readline";
import { build } from "esbuild";
import { expect, it, onTestFinished } from "vitest";
import { askRedis } from "./redis-client.ts";
import { startMemcached, startRedis } from "./servers.ts";

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect({ port, host: "127.0.0.1" });
    socket.on("connect", () => socket.destroy());
    socket.on("connect", () => resolve(true));
    socket.on("error", () => resolve(false));
  });

it("start on ports of their own, come back empty after a restart, and are gone after stop", async () => {
  const servers = await Promise.all([startRedis(), startRedis(), startMemcached()]);
  onTestFinished(async () => {
    for (const server of servers) await server.stop();
  });
  expect(new Set(servers.map(({ port }) => port)).size).toBe(3);
  const [redis] = servers;
  await askRedis(redis!.url, "SET", "a", "b");
  await redis!.restart();
  expect(await askRedis(redis!.url, "GET", "a")).toBeNull();
  for (const server of servers) {
    await server.stop();
    await server.stop();
    expect(await listens(server.port)).toBe(false);
  }
});

it("have no password in their arguments", async () => {
  const redis = await startRedis({ password: "s3cret-word" });
  onTestFinished(() => redis.stop());
  const command = await readFile(`/proc/${redis.pid}/cmdline`, "utf8");
  expect(command).toContain("redis-server");
  expect(command).not.toContain("s3cret-word");
  await expect(askRedis(redis.url.replace("s3cret", "other"), "PING")).rejects.toMatchObject({
    code: "STORE_AUTH",
  });
});

it.skipIf(process.platform !== "linux")(
  "end with whoever started them, even when that is killed",
  async () => {
    const contents = `
      import { startMemcached, startRedis } from "./servers.ts";
      const started = [await startRedis(), await startMemcached()];
      console.log(started.map(({ port }) => port).join(" "));
      setInterval(() => {}, 1000);
    `;
    const stdin = { contents, resolveDir: import.meta.dirname };
    const bundling = { bundle: true, format: "esm", platform: "node", write: false } as const;
    const { outputFiles } = await build({ stdin, ...bundling });
    const parent = spawn(process.execPath, ["--input-type=module"], { stdio: ["pipe", "pipe", "inherit"] });
    parent.stdin.end(outputFiles[0]!.text);
    onTestFinished(() => void parent.kill("SIGKILL"));
    const [line] = (await once(createInterface(parent.stdout), "line")) as [string];
    const ports = line.split(" ").map(Number);
    for (const port of ports) expect(await listens(port)).toBe(true);
    parent.kill("SIGKILL");
    for (const port of ports) while (await listens(port)) await new Promise(setImmediate);
  },
);
