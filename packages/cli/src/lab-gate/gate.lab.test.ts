// From behind a lab's NAT to a store on the loopback of the machine: two networks that nothing but the gate connects.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { labAvailability } from "@fnmesh/netlab";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

const lab = await labAvailability();
const folder = mkdtempSync(join(tmpdir(), "fnmesh-gate-"));
const program = join(folder, "lab.mjs");
const servers: Server[] = [];

beforeAll(() =>
  build({
    entryPoints: [fileURLToPath(new URL("./testing/fixture-lab.ts", import.meta.url))],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["source"],
  }),
);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

async function store(serve: (socket: Socket) => void): Promise<number> {
  const server = createServer(serve).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function play(port: number, bytes: number): Promise<string[]> {
  const child = spawn(process.execPath, [program, String(port), String(bytes)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  await once(child, "close");
  return text.trim().split("\n");
}

describe.runIf(lab.available)("the lab's gate", () => {
  test("leads to the store: its settings name the gate, and the bytes go there and back", async () => {
    const bytes = 16 * 1024 * 1024;
    const port = await store((socket) => socket.pipe(socket));
    expect(await play(port, bytes)).toEqual(["redis://:canary@192.0.2.1:PORT/3", String(bytes)]);
  });

  test("a store that hangs up hangs up in there", async () => {
    const port = await store((socket) =>
      socket.once("data", () => socket.resetAndDestroy()).on("error", () => {}),
    );
    const [, ...said] = await play(port, 1000);
    expect(said.at(-1)).toBe("0");
  });

  test("a store that is not there refuses in there", async () => {
    const port = await store(() => {});
    await new Promise((resolve) => servers.pop()!.close(resolve));
    expect((await play(port, 1000)).slice(1)).toEqual([expect.stringMatching(/^E(CONNRESET|PIPE)$/), "0"]);
  });
});
