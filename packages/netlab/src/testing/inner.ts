// What the lab tests run, bundled: outside a sandbox it makes one and runs itself in it, inside it plays the scenario
// named on its command line. A scenario's result is the one JSON line on standard output.

import { FnmeshError } from "@fnmesh/core";
import type { LabProfile } from "../profiles.ts";
import { insideSandbox, prepareSandbox, runInSandbox } from "../sandbox.ts";
import { bareWorker } from "./bare-worker.ts";
import { scenarios } from "./scenarios.ts";

const [name, json = "{}"] = process.argv.slice(2);

if (name === "bare-worker") await beBareWorker();
else if (insideSandbox()) await playScenario();
else process.exitCode = await rerun();

function rerun(): Promise<number> {
  const running = runInSandbox([process.execPath, ...process.argv.slice(1)]);
  if (name === "early") process.kill(process.pid, "SIGTERM");
  return running;
}

async function beBareWorker() {
  const { rank, address, host, ports } = JSON.parse(json);
  await bareWorker(rank, address, { host, port: ports[0] }, { host, port: ports[1] });
}

async function playScenario() {
  try {
    const scenario = scenarios[name as keyof typeof scenarios];
    const options = JSON.parse(json) as { profile: LabProfile; workers: number };
    await prepareSandbox();
    console.log(JSON.stringify((await scenario(options)) ?? null));
  } catch (error) {
    const record = error instanceof FnmeshError ? error.toRecord() : { message: String(error) };
    console.log(JSON.stringify({ error: record }));
    process.exitCode = 1;
  }
}
