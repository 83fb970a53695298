// A lab with one worker place behind a NAT whose process talks to a store of the outside. Outside a sandbox this program
// makes one and serves the gate; inside it opens the lab and sends the worker to the store.
//
//   <store's port> <bytes to echo>

import { spawn } from "node:child_process";
import { once } from "node:events";
import { insideSandbox, openLab, prepareSandbox, runInSandbox } from "@fnmesh/netlab";
import { openInnerGate } from "../inner-gate.ts";
import { serveGate } from "../outer-gate.ts";
import { targetsOf } from "../targets.ts";

const [, , port, bytes] = process.argv;
const stores = { redis: { url: `redis://:canary@127.0.0.1:${port}/3` } };

/** Sends so many bytes, takes them back, and says how many came, or by what error it ended. */
const worker = `const [host, port] = process.argv.slice(1);
const socket = require("node:net").connect({ host, port });
let count = 0;
socket.on("data", (chunk) => { count += chunk.length; if (count === ${bytes}) socket.end(); });
socket.on("error", (error) => console.log(error.code));
socket.on("close", () => console.log(count));
socket.write(Buffer.alloc(${bytes}, 7));`;

if (insideSandbox()) await inside();
else {
  process.exitCode = await runInSandbox([process.execPath, ...process.argv.slice(1)], {
    onChannel: (sandbox) => serveGate(sandbox, targetsOf(stores)),
  });
}

async function inside(): Promise<void> {
  await prepareSandbox();
  await using lab = await openLab({ profile: "restricted", workers: 1 });
  const gate = await openInnerGate(stores, lab.orchestratorHost, process);
  const url = new URL(gate.stores.redis!.url);
  console.log(url.href.replace(url.port, "PORT"));
  const [command, ...args] = [...lab.enter(0), process.execPath, "-e", worker, url.hostname, url.port];
  const child = spawn(command!, args, { stdio: ["ignore", "inherit", "inherit"] });
  await once(child, "exit");
  await gate.close();
}
