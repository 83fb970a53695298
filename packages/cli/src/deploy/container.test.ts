// The container image's file, held to the repository and to the service's unit: the same command, files that are there,
// nothing of root's. No builder is needed for that; docs/ORCHESTRATOR.md says how its commands were run.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { deployFile, readUnit, root, valuesOf } from "./deploy-files.ts";

/** Instructions with their words, the lines joined. */
const instructions = readFileSync(join(root, "Dockerfile"), "utf8")
  .replaceAll(/^#.*\n/gm, "")
  .replaceAll(/\\\n\s*/g, "")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)] as const);
const all = (name: string) => instructions.filter(([each]) => each === name).map(([, words]) => words);
const known = [
  ...["FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME"],
  ...["EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT"],
];

test("it has only instructions that there are, on one pinned major of Node", () => {
  expect(instructions.map(([name]) => name).filter((name) => !known.includes(name))).toEqual([]);
  expect(all("FROM")).toEqual(["node:22-slim AS packages", "node:22-slim"]);
  expect(all("COPY")).toEqual([". .", "--from=packages /packages /packages"]);
});

test("all packages that are published are in it", () => {
  const published = readdirSync(join(root, "packages")).filter((name) => {
    const manifest = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"));
    return manifest.private !== true;
  });
  const packed = [
    ...all("RUN")
      .join()
      .matchAll(/-w packages\/(\w+)/g),
  ].map(([, name]) => name!);
  expect(packed.sort()).toEqual(published.sort());
});

test("it runs what the service's unit runs, on the same ports, as nobody in particular", () => {
  const [start] = valuesOf(readUnit("systemd/fnmesh.service"), "Service", "ExecStart");
  const command = JSON.parse(all("ENTRYPOINT")[0]!) as string[];
  expect(start!.startsWith(`${command.join(" ")} `)).toBe(true);
  const ports = command.filter((_, at) => command[at - 1]?.endsWith("port")).sort();
  expect(all("EXPOSE")[0]!.split(" ")).toEqual(ports);
  expect(all("USER")).toEqual(["node"]);
  const last = instructions.map(([name]) => name);
  expect(last.indexOf("USER")).toBeGreaterThan(last.lastIndexOf("RUN"));
});

test("its check of health is a file of the package", () => {
  const [, file] = /fnmesh\/deploy\/([\w./]+)"/.exec(all("HEALTHCHECK")[0]!) ?? [];
  expect(existsSync(deployFile(file!))).toBe(true);
});

test("nothing is sent to the builder that could be a secret or is this machine's own", () => {
  const ignored = readFileSync(join(root, ".dockerignore"), "utf8").split("\n");
  expect(ignored).toEqual(
    expect.arrayContaining([".git", "**/node_modules", "**/dist", "**/.env", "**/*.key"]),
  );
});
