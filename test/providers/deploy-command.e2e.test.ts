// Deployments as a user makes them, by the built command: what docs/providers says, against stand-ins for the platforms'
// own commands.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { emptyPlane } from "./google/cloud-plane.ts";
import { installTool } from "./support/fake-tool.ts";
import { emptyCluster } from "./support/kube-plane.ts";

const run = promisify(execFile);
const main = join(import.meta.dirname, "../../packages/cli/dist/main.mjs");

interface Case {
  readonly platform: string;
  readonly made: number;
  readonly install: () => ReturnType<typeof installTool>;
}

const cluster = () => installTool<unknown>("kubectl", "support/kubectl.ts", emptyCluster);
const cases: readonly Case[] = [
  {
    platform: "google",
    made: 1,
    install: () => installTool<unknown>("gcloud", "google/gcloud.ts", emptyPlane),
  },
  { platform: "knative", made: 2, install: cluster },
  { platform: "kubeless", made: 1, install: cluster },
];

test.each(cases)(
  "what $platform needs is shown, made, found again and removed",
  async ({ platform, made, install }) => {
    await using tool = await install();
    const fnmesh = async (verb: string, ...more: readonly string[]) => {
      const env = { ...tool.environment, GOOGLE_CLOUD_PROJECT: "fnmesh-tests" };
      const args = [main, verb, "--provider", platform, "--stage", "dev", ...more];
      return (await run(process.execPath, args, { env, cwd: tool.folder })).stdout;
    };
    expect(await fnmesh("diff")).toContain(`stage dev: ${made} to create`);
    expect(await fnmesh("deploy")).toContain(`${made} created\n`);
    expect(await fnmesh("diff")).toContain(`stage dev: ${made} as it shall be`);
    expect(await fnmesh("status")).toContain("stage dev: up to date");
    expect(await fnmesh("remove", "--yes")).toContain(`${made} removed; nothing is left`);
  },
);
