// serverless-offline with one function in it, the built entry: what many developers run their functions on, at its own
// copy of Lambda's invoke API.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "../../../packages/stores/src/testing/child-server.ts";
import { functionBundle } from "../support/function-bundle.ts";

export interface ServerlessOffline extends AsyncDisposable {
  /** Of the invoke API. */
  readonly endpoint: string;
}

const service = (functionName: string) => `service: fnmesh
plugins: [serverless-offline]
provider: { name: aws, runtime: nodejs20.x, region: eu-central-1, stage: test }
functions:
  worker: { handler: entry.handler, name: ${functionName}, timeout: 60, memorySize: 512 }
`;

const startMs = 40_000;

/** `installed`: the counterpart's folder. */
export async function startServerlessOffline(
  installed: string,
  functionName: string,
): Promise<ServerlessOffline> {
  const folder = await mkdtemp(join(tmpdir(), "fnmesh-serverless-"));
  const bundle = await functionBundle("aws");
  await rename(bundle.path, join(folder, "entry.cjs"));
  await bundle[Symbol.asyncDispose]();
  await writeFile(join(folder, "serverless.yml"), service(functionName));
  await symlink(join(installed, "node_modules"), join(folder, "node_modules"));
  const [lambdaPort, httpPort] = [await freePort(), await freePort()];
  const options = { host: "127.0.0.1", lambdaPort, httpPort };
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const command = join(installed, "node_modules/osls/bin/serverless.js");
  const child = spawn(process.execPath, [command, "offline", "start", ...flags], {
    cwd: folder,
    env: {
      PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
      HOME: folder,
      SLS_TELEMETRY_DISABLED: "1",
      // It asks for some, and looks at none.
      AWS_ACCESS_KEY_ID: "none",
      AWS_SECRET_ACCESS_KEY: "none",
    },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const end = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, "exit");
      process.kill(-child.pid!, "SIGKILL");
      await exited;
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await listening(child);
  } catch (error) {
    await end();
    throw error;
  }
  return { endpoint: `http://127.0.0.1:${lambdaPort}`, [Symbol.asyncDispose]: end };
}

async function listening(child: ChildProcess): Promise<void> {
  let said = "";
  const heard = new Promise<void>((resolve) => {
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        if (said.length < 10_000) said += text;
        if (said.includes("listening on")) resolve();
      });
    }
  });
  const late = pause(startMs, undefined, { ref: false }).then(() => {
    throw new Error(`serverless-offline did not start:\n${said}`);
  });
  const ended = once(child, "exit").then(() => {
    throw new Error(`serverless-offline ended:\n${said}`);
  });
  await Promise.race([heard, late, ended]);
}
