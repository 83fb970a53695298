// The description is written by hand: this holds it to the routes that there are.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createMetrics } from "../metrics/metrics.ts";
import { createApp } from "./app.ts";
import { apiLimits } from "./limits.ts";
import { fakeOrchestrator } from "./testing/fake-orchestrator.ts";

function described(): string[] {
  const text = readFileSync(new URL("../../../../docs/openapi.yaml", import.meta.url), "utf8");
  const paths = text.slice(text.indexOf("\npaths:\n"), text.indexOf("\ncomponents:\n"));
  let path = "";
  return paths.split("\n").flatMap((line) => {
    path = /^ {2}(\/\S*):$/.exec(line)?.[1] ?? path;
    const method = /^ {4}(get|put|post|delete):$/.exec(line)?.[1];
    return method === undefined ? [] : [`${method.toUpperCase()} ${path}`];
  });
}

function served(): string[] {
  const orchestrator = fakeOrchestrator();
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const app = createApp({
    ...{ orchestrator, log, limits: apiLimits, host: "127.0.0.1", token: undefined },
    metrics: createMetrics(orchestrator),
    submissions: { submit: () => Promise.reject(), outputOf: () => undefined, close: async () => {} },
    blobs: { put: () => Promise.reject(), bytesOf: () => undefined, lease: () => undefined },
    isDraining: () => false,
    sources: [],
    closing: new AbortController().signal,
  });
  return app.routes
    .filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
}

test("openapi.yaml describes the routes that are served, and no others", () => {
  expect(described().sort()).toEqual(served().sort());
});
