import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { labAvailability, missingTools, requireLab } from "./availability.ts";

describe("labAvailability", () => {
  it("says of another system that Linux is what is missing", async () => {
    const found = await labAvailability("darwin");
    expect(found).toMatchObject({ available: false, missing: [{ what: "Linux (this is darwin)" }] });
  });

  it("finds no fault in the rules themselves, which would skip all other tests of the lab", async () => {
    const found = await labAvailability();
    const words = found.available ? "" : found.missing.map(({ what }) => what).join("\n");
    // What a kernel lacks reads "Could not process rule"; anything else is the text.
    expect(words).not.toMatch(/Error: (?!Could not process rule)/);
  });

  it("comes with a hint for each thing that is missing, or with none missing", async () => {
    const found = await labAvailability();
    if (found.available) expect(typeof found.rootless).toBe("boolean");
    else for (const { what, hint } of found.missing) expect([what, hint]).not.toContain("");
  });
});

describe("missingTools", () => {
  it("names the package of each tool that is not in the path", () => {
    const directory = mkdtempSync(join(tmpdir(), "fnmesh-tools-"));
    try {
      for (const tool of ["unshare", "nsenter", "setpriv", "mount", "ip"])
        symlinkSync(process.execPath, join(directory, tool));
      expect(missingTools(`/nowhere:${directory}`)).toEqual([
        {
          what: "the command `nft`",
          hint: "Install the package nftables, for example: apt install nftables",
        },
      ]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe("requireLab", () => {
  it("passes where a lab is available, and else throws with all that is missing", () => {
    requireLab({ available: true, rootless: false });
    const missing = [
      { what: "the command `nft`", hint: "Install nftables." },
      { what: "the command `ip`", hint: "Install iproute2." },
    ];
    expect(() => requireLab({ available: false, missing })).toThrow(
      expect.objectContaining({
        code: "LAB_UNAVAILABLE",
        message: expect.stringMatching(/`nft`, the command `ip`/),
        hint: expect.stringMatching(/^Install nftables. Install iproute2. .*--nat none/),
      }),
    );
  });
});
