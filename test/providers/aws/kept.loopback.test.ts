// Texts that AWS keeps for a function: asked for over the wire, by a server that checks the signature by AWS's rules.

import { kept } from "@fnmesh/providers/trigger";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type KeptTexts, keepTexts, roleKeys } from "./kept-texts.ts";

const secret = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:fnmesh-token-Ab1+x";
const parameter = "arn:aws:ssm:us-east-1:123456789012:parameter/fnmesh/dev/orchestrator-certificate";

let aws: KeptTexts;
beforeEach(async () => {
  aws = await keepTexts({ [secret]: "the-token\n", [parameter]: "the certificate" });
});
afterEach(() => aws[Symbol.asyncDispose]());

const signal = AbortSignal.timeout(10_000);
const readerOf = (arn: string, change: Record<string, string | undefined> = {}) =>
  kept(arn, { ...aws.environment, ...change });

test("a secret and a parameter are read, each with its own question, and without the space around them", async () => {
  expect(await readerOf(secret).read(signal)).toBe("the-token");
  expect(await readerOf(parameter).read(signal)).toBe("the certificate");
  expect(aws.asked).toEqual([
    `secretsmanager.GetSecretValue ${secret}`,
    `AmazonSSM.GetParameter ${parameter}`,
  ]);
});

test("one question is enough, until it is forgotten", async () => {
  const reader = readerOf(secret);
  await Promise.all([reader.read(signal), reader.read(signal)]);
  await reader.read(signal);
  expect(aws.asked).toHaveLength(1);
  aws.texts.set(secret, "another");
  reader.forget();
  expect([await reader.read(signal), aws.asked.length]).toEqual(["another", 2]);
});

describe("what fails", () => {
  test.each([
    [400, "AccessDeniedException", "PLATFORM_AUTH", "secretsmanager:GetSecretValue"],
    [400, "ExpiredTokenException", "PLATFORM_AUTH", "secretsmanager:GetSecretValue"],
    [400, "ThrottlingException", "PROVIDER_UNAVAILABLE", "tries again"],
    [500, "InternalServiceError", "PROVIDER_UNAVAILABLE", "tries again"],
  ])("%i %s is %s; and the next call asks again", async (status, name, code, hint) => {
    const reader = readerOf(secret);
    aws.refusal = { status, name, words: `the-token ${roleKeys.sessionToken}` };
    const error = await reader.read(signal).catch((thrown) => thrown);
    expect(error).toMatchObject({ code, hint: expect.stringContaining(hint) });
    expect(error.message).toBe(`${secret} cannot be read: ${name}`);
    expect(`${error.stack} ${error.hint}`).not.toMatch(/the-token|session-token/);
    aws.refusal = undefined;
    expect(await reader.read(signal)).toBe("the-token");
  });

  test("keys that AWS does not know, and none at all", async () => {
    const wrong = readerOf(secret, { AWS_SECRET_ACCESS_KEY: "another-key" });
    const error = await wrong.read(signal).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "PLATFORM_AUTH", message: expect.stringContaining("Signature") });
    expect(error.message).not.toContain(roleKeys.sessionToken);
    await expect(readerOf(secret, { AWS_ACCESS_KEY_ID: undefined }).read(signal)).rejects.toMatchObject({
      code: "PLATFORM_AUTH",
    });
  });

  test("what is not there, and what is empty", async () => {
    const absent = readerOf(`${secret}-absent`).read(signal);
    await expect(absent).rejects.toMatchObject({
      code: "PLATFORM_AUTH",
      hint: expect.stringContaining("Is the ARN right"),
    });
    aws.texts.set(secret, " ");
    await expect(readerOf(secret).read(signal)).rejects.toMatchObject({
      code: "PLATFORM_AUTH",
      message: `${secret} holds no text`,
    });
  });

  test("nobody there", async () => {
    const nobody = readerOf(secret, { AWS_ENDPOINT_URL: "http://127.0.0.1:1" });
    await expect(nobody.read(signal)).rejects.toMatchObject({ code: "PROVIDER_UNAVAILABLE" });
  });

  test("what is no ARN is refused at once, and not shown: it may be the token", () => {
    for (const wrong of ["a-token-in-the-wrong-place", "arn:aws:s3:::bucket", ""]) {
      expect(() => readerOf(wrong)).toThrow("this is no ARN of a secret");
    }
    expect(() => kept(undefined)).toThrow("no ARN");
  });
});
