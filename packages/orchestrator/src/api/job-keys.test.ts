import { describe, expect, test } from "vitest";
import { createJobKeys } from "./job-keys.ts";

const counting = () => {
  let count = 0;
  return async () => `job${++count}`;
};

describe("a key", () => {
  test("has one job, however often it comes", async () => {
    const [keys, submit] = [createJobKeys(), counting()];
    expect(await keys.once("a", submit)).toEqual({ id: "job1", again: false });
    expect(await keys.once("a", submit)).toEqual({ id: "job1", again: true });
    expect(await keys.once("b", submit)).toEqual({ id: "job2", again: false });
  });

  test("has one also where two come at the same moment", async () => {
    const [keys, submit] = [createJobKeys(), counting()];
    const both = await Promise.all([keys.once("a", submit), keys.once("a", submit)]);
    expect(both.map(({ id }) => id)).toEqual(["job1", "job1"]);
  });

  test("is free again when its submission has failed, for whoever waits for it too", async () => {
    const keys = createJobKeys();
    const refuse = () => Promise.reject(new Error("full"));
    const both = await Promise.allSettled([keys.once("a", refuse), keys.once("a", refuse)]);
    expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await keys.once("a", counting())).toEqual({ id: "job1", again: false });
  });

  test("goes when many newer ones have come", async () => {
    const [keys, submit] = [createJobKeys(2), counting()];
    for (const key of ["a", "b", "c"]) await keys.once(key, submit);
    expect(await keys.once("c", submit)).toEqual({ id: "job3", again: true });
    expect(await keys.once("a", submit)).toEqual({ id: "job4", again: false });
  });

  test.each(["", " ", "a b", "ä", "x".repeat(257)])("is not %j", async (key) => {
    await expect(createJobKeys().once(key, counting())).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});

test("without a key each submission is a job", async () => {
  const [keys, submit] = [createJobKeys(), counting()];
  for (const id of ["job1", "job2"]) expect(await keys.once(undefined, submit)).toEqual({ id, again: false });
});
