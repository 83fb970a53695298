import { describe, expect, it } from "vitest";
import { insideSandbox, needsUserNamespace, sandboxCommand } from "./sandbox.ts";

const status = (capEff: string) =>
  `Name:\tnode\nCapInh:\t0000000000000000\nCapEff:\t${capEff}\nSeccomp:\t0\n`;

describe("a user namespace", () => {
  it("is needed by who may not administer the network and mounts", () => {
    expect(needsUserNamespace(status("0000000000000000"))).toBe(true);
    expect(needsUserNamespace(status("00000000a80425fb"))).toBe(true); // root in a container
    expect(needsUserNamespace(status("000001ffffffffff"))).toBe(false);
  });

  it("is made only when needed", () => {
    expect(sandboxCommand(true)).toContain("--map-root-user");
    expect(sandboxCommand(false)).not.toContain("--user");
  });
});

describe("insideSandbox", () => {
  it("is told by the environment", () => {
    expect(insideSandbox({ FNMESH_SANDBOX: "1" })).toBe(true);
    expect(insideSandbox({})).toBe(false);
  });
});
