import { expect, test } from "vitest";
import { withCleanup } from "./cleanup.ts";

test("closes in the reverse order when the body ends well", async () => {
  const closed: string[] = [];
  const result = await withCleanup(async (defer) => {
    defer(() => void closed.push("first"));
    defer(async () => void closed.push("second"));
    return 7;
  });
  expect(result).toBe(7);
  expect(closed).toEqual(["second", "first"]);
});

test("closes when the body fails, and fails with its reason", async () => {
  const closed: string[] = [];
  const failing = withCleanup(async (defer) => {
    defer(() => void closed.push("first"));
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  expect(closed).toEqual(["first"]);
});
