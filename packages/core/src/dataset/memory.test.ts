import { describe, expect, it } from "vitest";
import { Scale, sizeOf } from "./memory.ts";

const rows = (count: number, textLength = 100) =>
  Array.from({ length: count }, (_, index) => [index, "x".repeat(textLength)]);

describe("the size of", () => {
  it("a long list is that of its values, of which a sample is looked at", () => {
    const [ten, thousand] = [sizeOf(rows(10)), sizeOf(rows(1000))];
    expect(thousand / ten).toBeGreaterThan(98);
    expect(thousand / ten).toBeLessThan(102);
    let looks = 0;
    const watched = new Proxy(rows(100_000), {
      get(list, name) {
        looks += 1;
        return Reflect.get(list, name);
      },
    });
    expect(sizeOf(watched)).toBeGreaterThan(100_000 * 200);
    expect(looks).toBeLessThan(100);
  });

  it("sets and maps grows with what they hold", () => {
    const texts = rows(1000).map(([index, text]) => `${index}${text}`);
    const list = sizeOf(texts);
    expect(sizeOf(new Set(texts))).toBeGreaterThan(list);
    expect(sizeOf(new Set(texts))).toBeLessThan(2 * list);
    expect(sizeOf(new Map(texts.map((text) => [text, text])))).toBeGreaterThan(1.5 * list);
    expect(sizeOf(new Set())).toBeLessThan(1000);
  });
});

describe("a scale", () => {
  const small = ["key", 1];
  const large = ["key", rows(1000)];
  const among = (place: number) => {
    const scale = new Scale();
    for (let index = 0; index < 160; index += 1) scale.add(index === place ? large : small, 0);
    return scale.bytes;
  };

  it("finds what is large wherever it is, and takes nothing else for as large", () => {
    const wanted = sizeOf(large) + 159 * sizeOf(small);
    for (const place of [0, 1, 7, 16, 159]) expect(among(place)).toBe(wanted);
  });

  it("counts long texts and lists by themselves too", () => {
    const scale = new Scale();
    scale.add(1, 0);
    for (const value of ["x".repeat(5000), rows(50)]) scale.add(value, 10);
    expect(scale.bytes).toBe(sizeOf("x".repeat(5000)) + sizeOf(rows(50)) + 20);
    scale.reset();
    expect(scale.bytes).toBe(0);
  });
});
