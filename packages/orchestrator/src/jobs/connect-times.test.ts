import { expect, test } from "vitest";
import { ConnectTimes } from "./connect-times.ts";

test("from the first connection asked for to the last one made, over workers that started at different times", () => {
  const times = new ConnectTimes();
  times.touched(0, 1000);
  times.touched(1, 1500);
  times.touched(1, 9000);
  times.told(0, { firstMs: 20, lastMs: 120 });
  times.told(1, { firstMs: 5, lastMs: 405 });
  expect(times.totalMs()).toBe(900);
});

test("without connections there is no time", () => {
  const times = new ConnectTimes();
  times.touched(0, 1000);
  expect(times.totalMs()).toBe(0);
});
