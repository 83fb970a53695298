import { describe, expect, test } from "vitest";
import { hasAll } from "./dependencies.mjs";

const wanted = {
  "": { name: "workspace" },
  "packages/core": { version: "0.1.0" },
  "node_modules/@fnmesh/core": { resolved: "packages/core", link: true },
  "node_modules/zod": { version: "4.6.7", integrity: "sha512-a" },
  "node_modules/fsevents": { version: "2.3.3", optional: true },
};
const present = {
  "node_modules/@fnmesh/core": { resolved: "packages/core", link: true },
  "node_modules/zod": { version: "4.6.7", integrity: "sha512-a" },
};

describe("hasAll", () => {
  test("is content with what the lock file wants, without another platform's packages", () => {
    expect(hasAll(wanted, present)).toBe(true);
  });

  test.each([
    ["nothing was ever installed", undefined],
    ["an install was cut off", {}],
    ["a package is missing", { "node_modules/@fnmesh/core": present["node_modules/@fnmesh/core"] }],
    ["a version differs", { ...present, "node_modules/zod": { version: "4.6.6", integrity: "sha512-a" } }],
    [
      "a package's content differs",
      { ...present, "node_modules/zod": { version: "4.6.7", integrity: "sha512-b" } },
    ],
  ])("sees that %s", (_, found) => {
    expect(hasAll(wanted, found)).toBe(false);
  });
});
