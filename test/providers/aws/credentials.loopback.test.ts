// Credentials that AWS does not take, at each of its services: told as such, and no secret with it.

import { deploy } from "@fnmesh/providers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { launchRequest } from "../support/launch.ts";
import { type FakeAws, startFakeAws } from "./service-front.ts";
import { awsRun } from "./session.ts";

const { signal } = new AbortController();
const wrongs = [
  ["another key", { AWS_ACCESS_KEY_ID: "AKIDCANARY1111111111" }],
  ["a wrong secret", { AWS_SECRET_ACCESS_KEY: "canary-wrong" }],
  ["a wrong token", { AWS_SESSION_TOKEN: "canary-wrong" }],
] as const;

let aws: FakeAws;
beforeEach(async () => {
  aws = await startFakeAws();
});
afterEach(() => aws[Symbol.asyncDispose]());

const thrownBy = (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => Promise.reject(new Error("nothing was thrown")),
    (thrown: Error) => thrown,
  );

test.each(wrongs)("%s: nothing can be read, of whatever service", async (_, environment) => {
  const resources = await awsRun(aws, { environment }).resources();
  for (const each of resources) {
    const thrown = await thrownBy(each.read(signal));
    expect(thrown, each.kind).toMatchObject({
      code: "PLATFORM_AUTH",
      message: expect.stringContaining("AWS takes these credentials for"),
    });
    expect(thrown.message + (thrown.stack ?? ""), each.kind).not.toMatch(/canary|CANARY/);
  }
  expect(aws.calls).toEqual([]);
});

test.each(wrongs)("%s: no worker is started", async (_, environment) => {
  await deploy(await awsRun(aws).resources(), { signal });
  const provider = await awsRun(aws, { environment }).open();
  try {
    const thrown = await thrownBy(provider.launch({ ...launchRequest(), memoryMb: 512 }));
    expect(thrown).toMatchObject({ code: "PLATFORM_AUTH" });
    expect(thrown.message).not.toMatch(/canary/i);
    expect(aws.faults.calls).toBe(0);
  } finally {
    await provider.close();
  }
});

test("a request without a signature gets nothing", async () => {
  const answer = await fetch(`${aws.url}/2015-03-31/functions/fnmesh-dev/configuration`);
  expect(answer.status).toBe(403);
  expect(answer.headers.get("x-amzn-errortype")).toBe("MissingAuthenticationTokenException");
});
