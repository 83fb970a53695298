import { FnmeshError } from "@fnmesh/core";
import { describe, expect, test } from "vitest";
import { errorBody, httpStatus, toHttpError } from "./http-error.ts";

describe("an error as an HTTP answer", () => {
  test("a known one keeps code, message and hint", () => {
    const error = toHttpError(new FnmeshError("LIMIT", "too many", { hint: "Ask for fewer." }));
    expect(httpStatus(error.code)).toBe(400);
    expect(errorBody(error)).toEqual({
      error: { code: "LIMIT", message: "too many", hint: "Ask for fewer." },
    });
  });
  test.each([
    new Error("/root/secret"),
    new FnmeshError("INTERNAL", "/root/secret"),
    "/root/secret",
    undefined,
  ])("an unknown one keeps its words to itself", (thrown) => {
    const error = toHttpError(thrown);
    expect(httpStatus(error.code)).toBe(500);
    expect(JSON.stringify(errorBody(error))).not.toContain("secret");
  });
});
