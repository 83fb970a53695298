// The systemd units: what systemd itself says of them where it is installed, and what they must not lose.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { deployFile, readDeployFile, readUnit, valuesOf } from "./deploy-files.ts";

const folder = mkdtempSync(join(tmpdir(), "fnmesh-units-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const units = ["systemd/fnmesh.service", "ec2/fnmesh-secrets.service", "ec2/fnmesh-secrets.timer"];
const installed = "/opt/fnmesh/node_modules";

/** Files that the units name by where they are installed, as they are in the package. */
const filesOf = (text: string): string[] =>
  [...text.matchAll(new RegExp(`${installed}/fnmesh/deploy/([\\w./-]+)`, "g"))].map(([, name]) => name!);

test("the scripts that units and the user data name are in the package", () => {
  const texts = [...units, "ec2/orchestrator.yaml", "ec2/setup.sh"].map(readDeployFile);
  const named = texts.flatMap(filesOf);
  expect(new Set(named)).toEqual(
    new Set(["systemd/take-certificate.sh", "ec2/fetch-secrets.sh", "ec2/setup.sh"]),
  );
  for (const name of named) expect(existsSync(deployFile(name))).toBe(true);
});

describe("the orchestrator's unit", () => {
  const unit = readUnit("systemd/fnmesh.service");
  const service = (name: string) => valuesOf(unit, "Service", name);

  test("gives the token as a credential, and by no argument or variable", () => {
    expect(service("LoadCredential")).toEqual(["fnmesh-token:/etc/fnmesh/token"]);
    expect(service("ExecStart").join()).not.toMatch(/token/i);
    expect(service("Environment").join()).not.toMatch(/token/i);
  });

  test("lets jobs end when it is stopped, for longer than a function runs, and starts again when it fails", () => {
    expect([service("KillMode"), service("TimeoutStopSec"), service("Restart")]).toEqual([
      ["mixed"],
      ["16min"],
      ["on-failure"],
    ]);
  });

  test("is of no lasting user, and writes to its own folders alone", () => {
    expect([service("DynamicUser"), service("ProtectSystem"), service("StateDirectory")]).toEqual([
      ["yes"],
      ["strict"],
      ["fnmesh"],
    ]);
    expect(unit.Service!.map(([name]) => name)).not.toContain("ReadWritePaths");
  });
});

const systemd = spawnSync("systemd-analyze", ["--version"], { encoding: "utf8" });
const version = Number(/^systemd (\d+)/.exec(systemd.stdout ?? "")?.[1] ?? 0);

test.skipIf(version < 250)("systemd reads the units without a complaint", () => {
  const files = units.map((name) => {
    // It looks for the programs, too: those of the package stand in for the installed ones.
    const text = readDeployFile(name)
      .replaceAll(`${installed}/fnmesh/deploy`, deployFile("").replace(/\/$/, ""))
      .replaceAll(`${installed}/.bin/fnmesh`, process.execPath);
    const file = join(folder, name.split("/")[1]!);
    writeFileSync(file, text);
    return file;
  });
  const { status, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", ...files], {
    encoding: "utf8",
  });
  // It tells of the machine's own units, too.
  const ours = stderr.split("\n").filter((line) => line.includes("fnmesh"));
  expect([ours, status]).toEqual([[], 0]);
});

test.skipIf(version < 250)("systemd finds little that the service could do to its machine", () => {
  const check = ["security", "--offline=yes", "--threshold=20", deployFile("systemd/fnmesh.service")];
  const { status, stdout } = spawnSync("systemd-analyze", check, { encoding: "utf8" });
  expect([status, /Overall exposure level.*: ([\d.]+)/.exec(stdout)?.[1]]).toEqual([0, expect.any(String)]);
});
