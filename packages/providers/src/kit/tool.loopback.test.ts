// A platform's own command: what it says, and every way in which it fails.

import { expect, test } from "vitest";
import { runTool, runToolWell } from "./tool.ts";

const never = new AbortController().signal;
const node = (script: string) => ({
  tool: { command: process.execPath, install: "Install Node." },
  args: ["-e", script],
  environment: { PATH: process.env.PATH, CANARY: "canary" },
  signal: never,
});

test("gives its output, and reads what it is given", async () => {
  const call = node("process.stdin.pipe(process.stdout); console.error(process.env.CANARY)");
  expect(await runTool({ ...call, input: "in" })).toEqual({ code: 0, stdout: "in", stderr: "canary\n" });
});

test("one that is not installed says what to do", async () => {
  const tool = { command: "fnmesh-no-such-tool", install: "Install it from example.com." };
  await expect(runTool({ ...node(""), tool })).rejects.toMatchObject({
    code: "PROVIDER_UNAVAILABLE",
    message: "the command fnmesh-no-such-tool is not installed",
    hint: "Install it from example.com.",
  });
});

test("one that fails is DEPLOY_FAILED with its last lines", async () => {
  const script = "for (let i = 0; i < 20; i++) console.error('line ' + i); process.exit(3)";
  const failed = runToolWell(node(script));
  await expect(failed).rejects.toMatchObject({
    code: "DEPLOY_FAILED",
    message: expect.stringContaining("line 19"),
  });
  await expect(failed).rejects.not.toMatchObject({ message: expect.stringContaining("line 3\n") });
});

test("is ended with the signal, whose reason is told", async () => {
  const over = new AbortController();
  const running = runTool({ ...node("setInterval(() => {}, 1000)"), signal: over.signal });
  over.abort(new Error("interrupted"));
  await expect(running).rejects.toThrow("interrupted");
});
