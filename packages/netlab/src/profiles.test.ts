import { describe, expect, it } from "vitest";
import {
  expectedPairs,
  expectedPath,
  labProfile,
  labProfiles,
  placeProfile,
  placeProfiles,
} from "./profiles.ts";

describe("expectedPath", () => {
  const table = placeProfiles.map((a) =>
    placeProfiles.map((b) => (expectedPath(a, b, false) === "direct" ? "d" : "r")),
  );

  it("is the table of the documentation for workers behind different NATs", () => {
    //                none open restricted reset symmetric shared shared-no-hairpin
    expect(table.map((row) => row.join(" "))).toEqual([
      "d d d d d d d",
      "d d d d d d d",
      "d d d d r d d",
      "d d d d r d d",
      "d d r r r r r",
      "d d d d r d d",
      "d d d d r d d",
    ]);
  });

  it("does not depend on who begins", () => {
    for (const [i, row] of table.entries()) expect(row).toEqual(table.map((other) => other[i]));
  });

  it("is direct behind one shared NAT, by hairpinning or by private address", () => {
    expect(expectedPath("shared", "shared", true)).toBe("direct");
    expect(expectedPath("shared-no-hairpin", "shared-no-hairpin", true)).toBe("direct");
  });
});

describe("expectedPairs", () => {
  it("is all direct for every profile but symmetric and mixed", () => {
    for (const profile of labProfiles.filter((name) => name !== "symmetric" && name !== "mixed"))
      expect(expectedPairs(profile, 16)).toEqual({ direct: 120, relay: 0 });
    expect(expectedPairs("symmetric", 16)).toEqual({ direct: 0, relay: 120 });
  });

  it("counts in a mixed lab of one round the four NATs that a symmetric one cannot reach", () => {
    expect(expectedPairs("mixed", 7)).toEqual({ direct: 17, relay: 4 });
  });
});

describe("profiles", () => {
  it("go round by rank in a mixed lab", () => {
    expect([0, 4, 6, 7, 11].map((rank) => placeProfile("mixed", rank))).toEqual([
      "none",
      "symmetric",
      "shared-no-hairpin",
      "none",
      "symmetric",
    ]);
  });

  it("are known by name", () => {
    expect(labProfile("shared-no-hairpin")).toBe("shared-no-hairpin");
    expect(() => labProfile("symetric")).toThrow(expect.objectContaining({ code: "UNKNOWN_NAT_PROFILE" }));
    expect(() => labProfile("toString")).toThrow(expect.objectContaining({ code: "UNKNOWN_NAT_PROFILE" }));
  });
});
