// What cfn-lint says of all templates, where it is installed: in one run, as most of its time is its start.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { templateFor, triggerSources } from "../trigger-folder/template.ts";
import { deployFile, readDeployFile } from "./deploy-files.ts";

test("cfn-lint finds nothing", ({ skip }) => {
  const folder = mkdtempSync(join(tmpdir(), "fnmesh-templates-"));
  try {
    mkdirSync(join(folder, "function"));
    const whole = readDeployFile("trigger/template.yaml");
    const triggers = triggerSources.map((source) => {
      const file = join(folder, `${source}.yaml`);
      writeFileSync(file, templateFor(source, whole));
      return file;
    });
    const files = [deployFile("ec2/orchestrator.yaml"), ...triggers];
    const { status, stdout } = spawnSync("cfn-lint", ["-t", ...files], { encoding: "utf8" });
    // Null: there is no such command; 127: there is one that says so.
    if (status === null || status === 127) skip("cfn-lint is not installed");
    expect([status, stdout]).toEqual([0, ""]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
