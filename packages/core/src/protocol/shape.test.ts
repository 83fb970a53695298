import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as is from "./shape.ts";

const place = "place";
const accepts = <T>(shape: is.Shape<T>, value: unknown): boolean => {
  try {
    shape(value, place);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(is.ShapeError);
    return false;
  }
};

describe("shapes", () => {
  it.each([
    ["text", is.text(3), ["", "abc"], ["abcd", 1, null, undefined, {}, ["a"]]],
    ["whole", is.whole(1, 5), [1, 5], [0, 6, 1.5, Number.NaN, Infinity, "3", 3n, null, [3]]],
    ["whole, without bounds", is.whole(), [0, 2 ** 53 - 1], [-1, 2 ** 53, 1e308]],
    ["amount", is.amount, [0, -1.5, 1e308], [Number.NaN, -Infinity, "1", null]],
    ["flag", is.flag, [true, false], [0, 1, "true", null, undefined]],
    ["oneOf", is.oneOf("a", "b"), ["a", "b"], ["c", "", 0, null, ["a"], "toString"]],
    [
      "listOf",
      is.listOf(is.flag, 2),
      [[], [true], [true, false]],
      [[1], [true, true, true], {}, "", { length: 1 }],
    ],
    ["recordOf", is.recordOf(is.flag), [{}, { a: true }], [{ a: 1 }, [], null, "a"]],
    ["maybe", is.maybe(is.flag), [undefined, true], [null, 0]],
    [
      "object",
      is.object({ a: is.flag }),
      [{ a: true }, { a: true, b: 1 }],
      [{}, { a: 1 }, [], null, "a", undefined],
    ],
  ] as const)("%s takes what it should, and nothing else", (_name, shape: is.Shape<unknown>, good, bad) => {
    for (const value of good) expect(accepts(shape, value), JSON.stringify(value)).toBe(true);
    for (const value of bad) expect(accepts(shape, value), String(value)).toBe(false);
  });

  it("an object keeps its own fields only, and leaves absent ones absent", () => {
    const shape = is.object({ a: is.whole(), b: is.maybe(is.whole()) });
    expect(shape({ a: 1, c: 2 }, place)).toStrictEqual({ a: 1 });
    expect(shape({ a: 1, b: 2 }, place)).toStrictEqual({ a: 1, b: 2 });
  });

  it("no key of the sender's reaches a prototype", () => {
    const hostile: unknown = JSON.parse('{"__proto__":{"admin":true},"constructor":{"admin":true},"a":1}');
    const object = is.object({ a: is.whole() })(hostile, place);
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
    expect(Object.keys(object)).toEqual(["a"]);
    const record = is.recordOf(is.text())(JSON.parse('{"__proto__":"x","constructor":"y"}'), place);
    expect(Object.getPrototypeOf(record)).toBe(Object.prototype);
    expect(record.constructor).toBe("y");
    expect("admin" in {}).toBe(false);
  });

  it("what a field is called on every object's prototype does not count as given", () => {
    expect(is.object({ toString: is.maybe(is.flag) })({}, place)).toStrictEqual({});
    expect(is.object({ valueOf: is.json(1) })({}, place)).toStrictEqual({});
  });

  it("names the place of what is wrong", () => {
    const shape = is.object({ list: is.listOf(is.object({ port: is.whole(1, 65_535) })) });
    expect(() => shape({ list: [{ port: 1 }, { port: 0 }] }, "hello")).toThrow(
      "hello.list[1].port: expected",
    );
  });

  it("a bounded tree takes JSON of any form up to its depth", () => {
    const nest = (depth: number): unknown => {
      let value: unknown = 1;
      for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { value };
      return value;
    };
    expect(accepts(is.json(10), nest(10))).toBe(true);
    expect(accepts(is.json(10), nest(11))).toBe(false);
    expect(accepts(is.json(10), nest(100_000))).toBe(false);
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        expect(is.json(6)(value, place)).toBe(value);
      }),
    );
  });
});

it("there is one zero", () => {
  expect(Object.is(is.whole()(-0, place), 0)).toBe(true);
  expect(Object.is(is.amount(-0, place), 0)).toBe(true);
});
