import { expect, test } from "vitest";
import { codeSaid, codeToSay, innerVariable, takeInnerMark } from "./inner-exit.ts";

test.each([0, 1, 2, 3, 130])("an exit with %i comes through the sandbox", (code) => {
  expect(codeSaid(codeToSay(code, true))).toBe(code);
  expect(codeToSay(code, false)).toBe(code);
});

test.each([130, 137, 143, 134])("%i is a process that was ended before it could tell", (code) => {
  expect(codeSaid(code)).toBeUndefined();
});

test("the mark is the inner command's alone", () => {
  const environment = { [innerVariable]: "1", HOME: "/" };
  expect(takeInnerMark(environment)).toBe(true);
  expect(environment).toEqual({ HOME: "/" });
  expect(takeInnerMark(environment)).toBe(false);
});
