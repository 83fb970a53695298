import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startProxy } from "./start-proxy.ts";

const host = "127.0.0.1";
const model = { kind: "line", bitsPerSecond: 1e9, roundTripMs: 0 } as const;
let folder: string;
let program: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fnmesh-shaping-test-"));
  program = join(folder, "program.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("program.ts", import.meta.url))],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20.19",
    conditions: ["source"],
    logLevel: "error",
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("a proxy's process passes on, counts, and ends when it is closed", async () => {
  const server = net.createServer((socket) => void socket.pipe(socket)).listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  const proxy = await startProxy(program, { host, target: { host, port }, model });
  const socket = net.connect({ host, port: proxy.port });
  socket.end("hello");
  const [said] = await once(socket.setEncoding("utf8"), "data");
  expect(said).toBe("hello");
  await once(socket, "close");
  const counts = await Promise.all([proxy.counts(), proxy.counts()]);
  expect(counts[1]).toMatchObject({ connections: 1, processorMs: expect.any(Number) });
  await proxy.close();
  await proxy.close();
  await expect(proxy.counts()).rejects.toThrow("ended");
  server.close();
});

test("a process that cannot listen is told of with its words", async () => {
  const starting = startProxy(program, { host: "203.0.113.1", target: { host, port: 1 }, model });
  await expect(starting).rejects.toThrow("EADDRNOTAVAIL");
});

test("a process ends with the standard input that whoever started it holds", async () => {
  const options = JSON.stringify({ host, target: { host, port: 1 }, model });
  const child = spawn(process.execPath, [program, options], { stdio: ["pipe", "pipe", "inherit"] });
  await once(child.stdout, "data");
  child.stdin.destroy();
  expect(await once(child, "exit")).toEqual([0, null]);
});
