import { expect, it } from "vitest";
import { mebibytes } from "./kubectl.ts";
import { remembered } from "./remembered.ts";

it.each([
  ["512Mi", 512],
  ["1Gi", 1024],
  ["1.5Gi", 1536],
  ["1048576Ki", 1024],
  ["536870912", 512],
  ["1024M", 976.5625],
  ["", 0],
  ["much", 0],
])("a cluster's %s is %d MiB", (quantity, expected) => {
  expect(mebibytes(quantity)).toBe(expected);
});

it("what is remembered is asked for once, and again after a failure", async () => {
  let calls = 0;
  const address = remembered(async () => {
    calls += 1;
    if (calls === 1) throw new Error("not yet");
    return calls;
  });
  await expect(Promise.all([address(), address()])).rejects.toThrow("not yet");
  expect(await Promise.all([address(), address()])).toEqual([2, 2]);
  expect(await address()).toBe(2);
});
