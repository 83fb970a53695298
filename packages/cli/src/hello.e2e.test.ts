// `fnmesh hello` on this machine.

import { labAvailability } from "@fnmesh/netlab";
import { afterAll, afterEach, expect, test } from "vitest";
import { openBench } from "./testing/command.ts";

const lab = await labAvailability();
const bench = openBench({});
afterAll(() => bench.close());
afterEach(() => {
  expect(bench.leftProcesses()).toEqual([]);
  expect(bench.leftFiles()).toEqual([]);
});

test("it tries this machine, and its report can be pasted", async () => {
  const { code, stdout, stderr } = await bench.run("hello");
  expect(code, stderr).toBe(0);
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^fnmesh \d+\.\d+\.\d+.*, Node \d+.*\nlocal, no NAT lab\n\n/);
  expect(stdout).toMatch(
    /ok +punch .*6 of 6 pairs direct; 4 without a NAT\nok +relay .*6 of 6 pairs by the relay\nok +clean-up /,
  );
  expect(stdout).not.toMatch(/\d+\.\d+\.\d+\.\d+/);
});

test.runIf(lab.available)("behind NATs that cannot be punched it says so", async () => {
  const { code, stdout, stderr } = await bench.run("hello", "--nat", "symmetric", "--json");
  expect(code, stderr).toBe(0);
  const { ok, nat, steps } = JSON.parse(stdout);
  expect({ ok, nat }).toEqual({ ok: true, nat: "symmetric" });
  expect(steps[1]).toMatchObject({
    name: "punch",
    status: "warn",
    detail: expect.stringMatching(
      /^0 of 6 pairs direct; 4 behind a NAT with address-and-port-dependent mapping; .*relay: /,
    ),
  });
  expect(steps[2]).toMatchObject({ name: "relay", status: "ok" });
});
