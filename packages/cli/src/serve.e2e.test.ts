// `fnmesh serve` as an operator meets it.

import { readFileSync } from "node:fs";
import { afterAll, afterEach, expect, test } from "vitest";
import { openBench, type Running, until } from "./testing/command.ts";

const bench = openBench({ token: "a-token-of-many-letters\n" });
afterAll(() => bench.close());
afterEach(() => {
  expect(bench.leftProcesses()).toEqual([]);
  expect(bench.leftFiles()).toEqual([]);
});

async function apiOf(running: Running): Promise<string> {
  const url = /the API is at (http:\S+)/;
  await until("the API's address", () => url.test(running.stderr()));
  return url.exec(running.stderr())![1]!;
}

test("it serves until SIGTERM, and then ends with 0", async () => {
  const running = bench.start("serve");
  const api = await apiOf(running);
  expect((await fetch(`${api}/livez`)).status).toBe(200);
  expect(await (await fetch(`${api}/jobs`)).json()).toBeTruthy();
  running.child.kill("SIGTERM");
  expect(await running.ended).toMatchObject({ code: 0, stdout: "" });
});

test("with a token, requests need it, and it is in no process's arguments or environment", async () => {
  const running = bench.start("serve", "--token-file", "token");
  const api = await apiOf(running);
  expect((await fetch(`${api}/jobs`)).status).toBe(401);
  const headers = { authorization: "Bearer a-token-of-many-letters" };
  expect((await fetch(`${api}/jobs`, { headers })).status).toBe(200);
  expect(readFileSync(`/proc/${running.child.pid}/cmdline`, "utf8")).not.toContain("a-token");
  running.child.kill("SIGINT");
  const { code, stderr } = await running.ended;
  expect(code).toBe(0);
  expect(stderr).not.toContain("a-token");
});

test("an open address without a token is refused, with advice", async () => {
  const { code, stderr } = await bench.run("serve", "--host", "0.0.0.0");
  expect(code).toBe(2);
  expect(stderr).toMatch(/^USAGE: .*without a token/);
  expect(stderr).toContain("hint: ");
  const clear = await bench.run("serve", "--host", "0.0.0.0", "--token-file", "token");
  expect(clear.code).toBe(2);
  expect(clear.stderr).toMatch(/^USAGE: .*without TLS/);
  expect(clear.stderr).toContain("--insecure");
});

test("a port in use is 3", async () => {
  const running = bench.start("serve");
  const { port } = new URL(await apiOf(running));
  const { code, stderr } = await bench.run("serve", "--api-port", port);
  expect(code).toBe(3);
  expect(stderr).toContain("PORT_IN_USE");
  running.child.kill("SIGTERM");
  await running.ended;
});
