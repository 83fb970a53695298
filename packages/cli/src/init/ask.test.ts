import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { type Asking, askWishes, presetWishes } from "./ask.ts";

const nothing: Asking = { directory: undefined, name: undefined, cwd: "/home/ada/My Work" };

/** A person at a terminal who types an answer to each question when it is shown. */
function person(...answers: readonly (readonly [question: string, keys: string])[]) {
  const input = new PassThrough();
  const output = new PassThrough();
  const waiting = [...answers];
  let shown = "";
  output.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
    const next = waiting[0];
    if (next === undefined || !shown.includes(next[0])) return;
    waiting.shift();
    shown = "";
    // When the question is on the screen whole.
    setImmediate(() => input.write(next[1]));
  });
  return { input, output, unasked: () => waiting.map(([question]) => question) };
}

const enter = "\r";

describe("what is not given", () => {
  it("is asked for, and an empty answer takes what is shown", async () => {
    const ada = person(["Into which directory?", `words${enter}`], ["What is its name?", enter]);
    expect(await askWishes(nothing, ada)).toEqual({ directory: "words", name: "words" });
    const bob = person(["Into which directory?", enter], ["What is its name?", `bobs${enter}`]);
    expect(await askWishes(nothing, bob)).toEqual({ directory: "fnmesh-job", name: "bobs" });
    expect([...ada.unasked(), ...bob.unasked()]).toEqual([]);
  });

  it("is asked for alone", async () => {
    const ada = person(["What is its name?", enter]);
    expect(await askWishes({ ...nothing, directory: "Big Words" }, ada)).toEqual({
      directory: "Big Words",
      name: "big-words",
    });
    const given = { ...nothing, directory: "a", name: "b" };
    expect(await askWishes(given, person())).toEqual({ directory: "a", name: "b" });
  });

  it("is asked for again when the name cannot be", async () => {
    const backspaces = "\x7f".repeat(3);
    const ada = person(["What is its name?", `Big${enter}`], ["small letters", `${backspaces}big${enter}`]);
    expect(await askWishes({ ...nothing, directory: "." }, ada)).toEqual({ directory: ".", name: "big" });
  });

  it("cancels by Ctrl-C", async () => {
    const ada = person(["Into which directory?", "\x03"]);
    await expect(askWishes(nothing, ada)).rejects.toMatchObject({ code: "CANCELLED" });
  });

  it("is this folder and its name where nobody can be asked", () => {
    expect(presetWishes(nothing)).toEqual({ directory: ".", name: "my-work" });
    expect(presetWishes({ ...nothing, directory: "../x", name: "y" })).toEqual({
      directory: "../x",
      name: "y",
    });
  });
});
