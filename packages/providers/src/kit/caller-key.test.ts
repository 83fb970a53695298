import { expect, test } from "vitest";
import { callerHash, callerKey, mayCall, requiredCallerKey } from "./caller-key.ts";

const key = "canary-canary-canary-canary";

test("a function that was given a hash takes its key alone", () => {
  expect(mayCall(callerHash(key), key)).toBe(true);
  for (const other of [undefined, "", `${key} `, callerHash(key), [key]]) {
    expect(mayCall(callerHash(key), other)).toBe(false);
  }
  expect(mayCall("not hex", key)).toBe(false);
});

test("one without a hash leaves it to its platform who may call", () => {
  expect(mayCall(undefined, undefined)).toBe(true);
  expect(mayCall("", "anything")).toBe(true);
});

test("a key that could be guessed, or is missing where it is needed, is refused and not shown", () => {
  expect(callerKey({})).toBeUndefined();
  expect(callerKey({ FNMESH_FUNCTION_KEY: key })).toBe(key);
  expect(requiredCallerKey({ FNMESH_FUNCTION_KEY: key })).toBe(key);
  const short = { FNMESH_FUNCTION_KEY: "canary" };
  expect(() => callerKey(short)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  expect(() => callerKey(short)).not.toThrow(/canary/);
  expect(() => requiredCallerKey({})).toThrow("FNMESH_FUNCTION_KEY is not set");
});
