import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nameFrom, nameProblem } from "./project-name.ts";

describe("the name of a project", () => {
  it.each([
    ["My Job", "my-job"],
    ["word_count.2", "word_count.2"],
    [".hidden", "hidden"],
    ["été", "t"],
    ["", "fnmesh-job"],
    ["日本", "fnmesh-job"],
    ["x".repeat(300), "x".repeat(214)],
  ])("is made of the folder's: %j is %j", (folder, name) => {
    expect(nameFrom(folder)).toBe(name);
  });

  it("that is made of a folder's is always a good one", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (folder) => {
        expect(nameProblem(nameFrom(folder))).toBeUndefined();
      }),
    );
  });

  it.each(["Big", "two words", "@scope", "@scope/", "../up", "", ".dot", "a".repeat(215)])(
    "cannot be %j",
    (name) => {
      expect(nameProblem(name)).toMatch(/^a package's name has/);
    },
  );

  it.each(["a", "@ada/words", "word-count_2.0~x"])("can be %j", (name) => {
    expect(nameProblem(name)).toBeUndefined();
  });
});
