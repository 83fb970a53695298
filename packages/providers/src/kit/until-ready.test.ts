import { createVirtualClock } from "@fnmesh/core/testing";
import { expect, test } from "vitest";
import { optionalModule } from "./optional-module.ts";
import { untilReady } from "./until-ready.ts";

const awaited = (signal = new AbortController().signal) => {
  const clock = createVirtualClock();
  return { clock, options: { what: "the function f", withinMs: 10_000, clock, signal } };
};

test("asks until it is so, at growing distances", async () => {
  const { clock, options } = awaited();
  const at: number[] = [];
  const begun = clock.now();
  const done = untilReady(options, async () => at.push(clock.now() - begun) === 4);
  await clock.advance(5_000);
  await done;
  expect(at).toEqual([0, 100, 300, 700]);
});

test("gives up after its time, and at once when it is called off", async () => {
  const { clock, options } = awaited();
  const late = expect(untilReady(options, async () => false)).rejects.toMatchObject({
    code: "DEPLOY_FAILED",
    message: "the function f was not ready within 10 s",
  });
  await clock.advance(20_000);
  await late;
  const over = new AbortController();
  const { options: other } = awaited(over.signal);
  const called = untilReady(other, async () => false);
  over.abort(new Error("interrupted"));
  await expect(called).rejects.toThrow("interrupted");
});

test("a package that is not installed is told by its name; what else fails in it, as it is", async () => {
  const missing = "fnmesh-no-such-package";
  await expect(optionalModule(missing, () => import(/* @vite-ignore */ missing))).rejects.toMatchObject({
    code: "PROVIDER_UNAVAILABLE",
    hint: `Install it beside fnmesh: npm install ${missing}`,
  });
  await expect(optionalModule("x", () => Promise.reject(new TypeError("broken")))).rejects.toThrow("broken");
});
