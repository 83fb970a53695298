// What a section of settings may say, and that no error shows what it says.

import { FnmeshError } from "@fnmesh/core";
import { expect, test } from "vitest";
import { type Fields, fieldsOf } from "./fields.ts";

const count = { least: 1, most: 10, preset: 4 };

test("what is absent, or undefined, takes its preset", () => {
  const fields = fieldsOf("aws", { region: undefined });
  expect(fields.text("region", "eu-west-1")).toBe("eu-west-1");
  expect(fields.count("replicas", count)).toBe(4);
  expect(fields.optionalText("role")).toBeUndefined();
  expect(fields.flag("arm", true)).toBe(true);
  expect(fields.oneOf("architecture", ["arm64", "x86_64"], "arm64")).toBe("arm64");
  expect(fields.texts("subnets")).toEqual([]);
  expect(fields.section("vpc")).toBeUndefined();
  expect(() => fields.end()).not.toThrow();
  expect(fieldsOf("aws", undefined).text("region", "x")).toBe("x");
});

test("what is there goes before it", () => {
  const fields = fieldsOf("a", { b: { c: "d" }, n: 7, f: false, url: "https://h/p///", list: ["x"] });
  expect(fields.section("b")!.text("c")).toBe("d");
  expect(fields.count("n", count)).toBe(7);
  expect(fields.flag("f", true)).toBe(false);
  expect(fields.url("url")).toBe("https://h/p");
  expect(fields.texts("list")).toEqual(["x"]);
  expect(() => fields.end()).not.toThrow();
});

const canary = "canary";
test.each<[string, unknown, (fields: Fields) => unknown]>([
  ["a is no object", canary, (fields) => fields],
  ["a is no object", [canary], (fields) => fields],
  ["a.b is not set", {}, (fields) => fields.text("b")],
  ["a.b is no text", { b: 4 }, (fields) => fields.text("b")],
  ["a.b is no text", { b: "" }, (fields) => fields.text("b", "preset")],
  ["a.b is no http(s) address", { b: canary }, (fields) => fields.url("b")],
  ["a.b is no http(s) address", { b: `ftp://${canary}` }, (fields) => fields.url("b")],
  ["a.b has credentials in it", { b: `https://u:${canary}@h` }, (fields) => fields.url("b")],
  ["a.b is no whole number from 1 to 10", { b: 11 }, (fields) => fields.count("b", count)],
  ["a.b is no whole number from 1 to 10", { b: canary }, (fields) => fields.count("b", count)],
  ["a.b is no whole number from 1 to 10", { b: 1.5 }, (fields) => fields.count("b", count)],
  ["a.b is neither true nor false", { b: canary }, (fields) => fields.flag("b", true)],
  ["a.b is none of x, y", { b: canary }, (fields) => fields.oneOf("b", ["x", "y"], "x")],
  ["a.b is no list of texts", { b: canary }, (fields) => fields.texts("b")],
  ["a.b is no list of texts", { b: [canary, 4] }, (fields) => fields.texts("b")],
  ["a.b.c is not set", { b: {} }, (fields) => fields.section("b")!.text("c")],
  ["a.b is no setting", { b: canary }, (fields) => fields.end()],
  [
    "a.b.c is no setting",
    { b: { c: canary } },
    (fields) => {
      fields.section("b");
      fields.end();
    },
  ],
])("%s", (message, section, read) => {
  let error: unknown;
  try {
    read(fieldsOf("a", section));
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(FnmeshError);
  expect(error).toMatchObject({ code: "INVALID_ARGUMENT", message });
  expect(JSON.stringify((error as FnmeshError).toRecord())).not.toContain(canary);
});
