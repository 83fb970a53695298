// Holds the house's import rules (docs/ARCHITECTURE.md): who may import whom, by what the code says.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { importsIn, importsOfCode } from "./import-rules/imports.ts";
import { type Manifest, rules, undeclared, violations } from "./import-rules/rules.ts";

const root = join(import.meta.dirname, "..");
const imports = importsOfCode(root);
const packages = ["core", "orchestrator", "providers", "stores", "netlab", "cli"].map(
  (name) => `packages/${name}`,
);

describe("the house's imports", () => {
  it("keep the rules", () => {
    expect(violations(imports)).toEqual([]);
  });

  it.each(packages)("%s imports only packages that it declares", (folder) => {
    const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest;
    expect(undeclared(imports, folder, manifest)).toEqual([]);
  });

  it("are found at all: every room has some, and so has every rule", () => {
    for (const folder of packages)
      expect(imports.some(({ file }) => file.startsWith(`${folder}/src/`))).toBe(true);
    for (const { room } of rules)
      expect(
        imports.some(({ file }) => file.startsWith(room)),
        room,
      ).toBe(true);
  });
});

describe("the rules can fail", () => {
  it.each([
    ["packages/core/src/link/link.ts", 'import { z } from "zod";'],
    ["packages/core/src/link/link.ts", 'import type { Orchestrator } from "@fnmesh/orchestrator";'],
    ["packages/core/src/link/link.ts", 'export * from "../testing/index.ts";'],
    ["packages/core/src/link/link.ts", 'const lazy = () => import("../../../orchestrator/src/index.ts");'],
    ["packages/core/src/protocol/frame.ts", 'import { defineJob } from "../job/job.ts";'],
    ["packages/core/src/testing/link.ts", 'import { runWorker } from "../worker/run-worker.ts";'],
    ["packages/core/src/env/node-env.ts", 'import { FnmeshError } from "../errors/errors.ts";'],
    ["packages/orchestrator/src/orchestrator.ts", 'import { localProvider } from "@fnmesh/providers/local";'],
    ["packages/orchestrator/src/orchestrator.ts", 'import "fnmesh";'],
    ["packages/providers/src/local/index.ts", 'import { createOrchestrator } from "@fnmesh/orchestrator";'],
    ["packages/providers/src/local/index.ts", 'import express from "express";'],
    ["packages/providers/src/local/index.ts", 'import { Lambda } from "@aws-sdk/client-lambda";'],
    ["packages/netlab/src/lab.ts", 'import { localProvider } from "@fnmesh/providers/local";'],
    ["packages/netlab/src/lab.ts", 'import { main } from "../../cli/src/main.ts";'],
    ["packages/cli/src/main.ts", 'import { createVirtualClock } from "@fnmesh/core/testing";'],
    ["packages/cli/src/main.ts", 'import { runJob } from "./testing-kit/index.ts";'],
    ["packages/cli/src/testing-kit/run-job.ts", 'import { createProgram } from "../program.ts";'],
    ["examples/reduce-by-key/job.ts", 'import { defineJob } from "@fnmesh/core";'],
    ["examples/sort/job.ts", 'import { z } from "zod";'],
    ["examples/reduce-by-key/job.ts", 'import { runJob } from "fnmesh/testing";'],
  ])("%s with %s breaks one", (file, text) => {
    expect(violations(importsIn(file, text))).not.toEqual([]);
  });

  it("and pass for what is allowed", () => {
    const text =
      'import fs from "node:fs"; import { defineJob } from "@fnmesh/core"; import { a } from "./a.ts";';
    expect(violations(importsIn("packages/providers/src/local/index.ts", text))).toEqual([]);
    expect(
      violations(importsIn("packages/core/src/values/values.ts", 'import { serialize } from "node:v8";')),
    ).toEqual([]);
  });

  it("an import that the manifest does not declare is named", () => {
    const manifest = { name: "fnmesh", dependencies: { hono: "1" } };
    const found = importsIn(
      "packages/cli/src/a.ts",
      'import "hono/sse"; import "zod"; import "node:fs"; import "./b.ts";',
    );
    expect(undeclared(found, "packages/cli", manifest)).toEqual([
      "packages/cli/src/a.ts imports zod, which fnmesh does not declare",
    ]);
  });
});
