// What runs in a local worker's process: core, in the local provider's runtime. Built to one file, as for a cloud.

import "./code-cache.ts";
import { createCodeCache, type Log, nodeEnv, runWorker, silentLog } from "@fnmesh/core/internal";
import { serve } from "./runtime.ts";

const toStderr =
  (level: string): Log["warn"] =>
  (message, fields = {}) =>
    console.error(
      `fnmesh ${level}: ${message}${Object.keys(fields).length ? ` ${JSON.stringify(fields)}` : ""}`,
    );
const log: Log = { ...silentLog, warn: toStderr("warning"), error: toStderr("error") };

// A warm container keeps the code of earlier jobs, and nothing else.
const code = createCodeCache();
const env = nodeEnv({ log });

serve(async (invocation) => {
  const over = new AbortController();
  try {
    await runWorker({ invocation, env, code, signal: over.signal });
  } finally {
    over.abort();
  }
});
