// The function app as Azure takes it: the bundle, the lines that register it with Azure's programming model, and what
// tells the host to give each worker an instance of its own.

import { readFile } from "node:fs/promises";
import { builtEntry } from "../kit/built-entry.ts";
import { codeHash } from "../kit/code-hash.ts";

export const queueName = "fnmesh";

export interface AppPackage {
  /** By name, in the archive's order. */
  readonly files: Readonly<Record<string, string>>;
  /** Of all of it. */
  readonly hash: string;
}

/** `entry`: the bundle; default: the built one, without which this rejects with PROVIDER_UNAVAILABLE. */
export async function appPackage(
  { timeoutMs }: { readonly timeoutMs: number },
  entry = builtEntry("azure/entry.cjs"),
): Promise<AppPackage> {
  const files = {
    "host.json": json(hostOf(timeoutMs)),
    "package.json": json(manifest),
    "index.js": registration,
    "entry.cjs": await readFile(entry, "utf8"),
  };
  return { files, hash: codeHash(...Object.entries(files).flat()) };
}

const json = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;

/** Azure installs it when the app is deployed. */
const manifest = {
  name: "fnmesh-function",
  private: true,
  main: "index.js",
  dependencies: { "@azure/functions": "~4.16.5" },
};

const registration = `const { app } = require("@azure/functions");
const { worker } = require("./entry.cjs");

app.storageQueue("worker", { queueName: "${queueName}", connection: "AzureWebJobsStorage", handler: worker });
`;

/** Between the worker's limit and the host's: the worker says itself that its time is over. */
const marginMs = 10_000;

/** learn.microsoft.com/azure/azure-functions/functions-host-json */
function hostOf(timeoutMs: number) {
  return {
    version: "2.0",
    functionTimeout: timeSpan(timeoutMs + marginMs),
    extensionBundle: { id: "Microsoft.Azure.Functions.ExtensionBundle", version: "[4.*, 5.0.0)" },
    extensions: {
      queues: {
        // One worker in an instance at one time: memory and processor are its own.
        batchSize: 1,
        newBatchThreshold: 0,
        // What an instance took with it when it died is not tried again: the orchestrator starts another attempt.
        maxDequeueCount: 1,
        // A new message is found within a second, not within a minute.
        maxPollingInterval: "00:00:01",
      },
    },
    logging: { logLevel: { default: "Warning" } },
  };
}

/** hh:mm:ss */
function timeSpan(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}
