import { describe, expect, test } from "vitest";
import { parseJobRequest } from "./job-request.ts";

const hash = "a".repeat(64);
const least = { code: hash, workers: 2 };

describe("a job's request", () => {
  test("needs code and workers, the rest has presets", () => {
    expect(parseJobRequest(least)).toEqual({
      ...least,
      name: "job",
      provider: "local",
      channel: "auto",
      encrypt: true,
      memoryMb: 512,
      timeoutMs: 900_000,
      params: {},
      modules: [],
      input: [],
    });
  });

  test("may say at whose prices its cost is shown", () => {
    expect(parseJobRequest({ ...least, priceAs: "google" }).priceAs).toBe("google");
  });

  test.each<[string, unknown, RegExp]>([
    ["a platform that is no text", { ...least, priceAs: 5 }, /priceAs/],
    ["no object", [], /the request/],
    ["null", null, /the request/],
    ["no code", { workers: 2 }, /code/],
    ["a path as code", { ...least, code: "../../etc/passwd" }, /code: expected a SHA-256/],
    ["a module that is no hash", { ...least, modules: ["x"] }, /modules\.0: expected a SHA-256/],
    ["no workers", { ...least, workers: 0 }, /workers/],
    ["half a worker", { ...least, workers: 1.5 }, /workers/],
    ["workers as text", { ...least, workers: "2" }, /workers/],
    ["an unknown channel", { ...least, channel: "carrier-pigeon" }, /channel/],
    ["an unknown field", { ...least, shell: "rm" }, /shell/],
    ["a parameter that is no text", { ...least, params: { k: 1 } }, /params\.k/],
    ["a name with a line break", { ...least, name: "a\nb" }, /name: expected no control characters/],
    ["an input without a blob", { ...least, input: [{ name: "x" }] }, /input\.0\.blob/],
  ])("refuses %s and names the field", (_, json, message) => {
    expect(() => parseJobRequest(json)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringMatching(message) }),
    );
  });

  test("does not repeat an endless list of faults", () => {
    const input = Array.from({ length: 1000 }, () => ({}));
    expect(() => parseJobRequest({ ...least, input })).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^.{1,500}$/) }),
    );
  });

  test("a parameter may be called __proto__", () => {
    const { params } = parseJobRequest(
      JSON.parse(`{"code":"${hash}","workers":1,"params":{"__proto__":"x"}}`),
    );
    expect(({} as { x?: unknown }).x).toBeUndefined();
    expect(Object.getPrototypeOf(params)).toBe(Object.prototype);
  });
});
