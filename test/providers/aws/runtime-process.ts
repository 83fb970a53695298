// The process of an execution environment: node under AWS's own runtime interface client, with the environment and the
// flags that Lambda sets. It knows nothing of invocations.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { heapLimitMb, semiSpaceMb } from "../../../packages/providers/src/local/command.ts";
import { splitLines } from "../../../packages/providers/src/local/lines.ts";

export interface FunctionConfig {
  readonly name: string;
  /** Where its code is unpacked: LAMBDA_TASK_ROOT. */
  readonly taskRoot: string;
  /** FILE.EXPORT */
  readonly handler: string;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface ProcessOptions {
  readonly config: FunctionConfig;
  /** The folder of an installed aws-lambda-ric. */
  readonly ric: string;
  /** What goes before the command. */
  readonly place: readonly string[];
  readonly onLine: (line: string) => void;
  /** Where what it says goes. */
  readonly logStream: string;
}

const region = "eu-central-1";
export const arnOf = (name: string) => `arn:aws:lambda:${region}:123456789012:function:${name}`;

export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface RuntimeProcess {
  readonly pid: number;
  /** Megabytes, at the most so far. */
  usedMb(): number;
  readonly ended: Promise<Exit>;
  signal(signal: "SIGCONT" | "SIGSTOP"): void;
  kill(): void;
}

/** `address`: of its Runtime API. */
export function startProcess(
  { config, ric, place, onLine, logStream }: ProcessOptions,
  address: string,
): RuntimeProcess {
  const { memoryMb, taskRoot, handler } = config;
  const [file, ...args] = [
    ...place,
    process.execPath,
    `--max-old-space-size=${heapLimitMb(memoryMb)}`,
    `--max-semi-space-size=${semiSpaceMb(memoryMb)}`,
    join(ric, "node_modules/aws-lambda-ric/bin/index.mjs"),
    handler,
  ];
  // Of its own group: what the function itself starts is frozen and ended with it.
  const child = spawn(file!, args, {
    cwd: taskRoot,
    env: environmentFor(config, address, logStream),
    detached: true,
  });
  const streams = [child.stdout, child.stderr].map((stream) => {
    const lines = splitLines(onLine);
    stream.on("data", lines.push).on("end", lines.end);
    return stream;
  });
  child.stdin.end();
  const pid = child.pid ?? 0;
  const signal = (name: NodeJS.Signals) => signalGroup(pid, name);
  let used = 0;
  return {
    pid,
    usedMb() {
      used = Math.max(used, peakMb(pid));
      return used;
    },
    ended: endOf(child).then((exit) => {
      for (const stream of streams) stream.destroy();
      return exit;
    }),
    signal,
    kill: () => signal("SIGKILL"),
  };
}

async function endOf(child: ChildProcess): Promise<Exit> {
  if (child.pid === undefined) throw (await once(child, "error"))[0];
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  return { code, signal };
}

function signalGroup(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch {
    // Nobody is left in the group.
  }
}

/** What the process has had at most. */
function peakMb(pid: number): number {
  try {
    const [, kib] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1")) ?? [];
    return Math.ceil(Number(kib ?? 0) / 1024);
  } catch {
    return 0; // It is gone.
  }
}

/** What Lambda sets, and nothing of this process's own. */
const environmentFor = (
  { name, handler, taskRoot, memoryMb, environment }: FunctionConfig,
  api: string,
  logStream: string,
) => ({
  PATH: "/usr/local/bin:/usr/bin:/bin",
  TZ: ":UTC",
  LANG: "en_US.UTF-8",
  AWS_REGION: region,
  AWS_EXECUTION_ENV: "AWS_Lambda_nodejs20.x",
  AWS_LAMBDA_RUNTIME_API: api,
  AWS_LAMBDA_FUNCTION_NAME: name,
  AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
  AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
  AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
  AWS_LAMBDA_LOG_STREAM_NAME: logStream,
  AWS_LAMBDA_LOG_FORMAT: "JSON",
  LAMBDA_TASK_ROOT: taskRoot,
  _HANDLER: handler,
  ...environment,
});
