import { FnmeshError } from "@fnmesh/core";
import { describe, expect, test } from "vitest";
import { awsError } from "./errors.ts";

const told = (name: string, message: string, httpStatusCode?: number) =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });

describe("what AWS denies", () => {
  test("is told by the right and what it is for, in AWS's own words or without them", () => {
    const message =
      "User: arn:aws:iam::123456789012:user/ada is not authorized to perform: lambda:CreateFunction on resource: arn:aws:lambda:eu-central-1:123456789012:function:fnmesh-dev because no identity-based policy allows the lambda:CreateFunction action";
    expect(awsError("lambda:CreateFunction", told("AccessDeniedException", message, 403))).toMatchObject({
      code: "PLATFORM_AUTH",
      message:
        "AWS denies lambda:CreateFunction on arn:aws:lambda:eu-central-1:123456789012:function:fnmesh-dev",
    });
    // Making a function needs a right of IAM's, too: that is the one that is named.
    const pass =
      "User: arn:aws:iam::123456789012:user/ada is not authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/fnmesh-dev-eu-central-1";
    expect(awsError("lambda:CreateFunction", told("AccessDeniedException", pass, 403)).message).toMatch(
      "AWS denies iam:PassRole on arn:aws:iam::123456789012:role/fnmesh-dev-eu-central-1",
    );
    expect(awsError("logs:FilterLogEvents", told("SomethingNew", "", 403)).message).toBe(
      "AWS denies logs:FilterLogEvents",
    );
  });

  test("never shows a token that stands in AWS's explanation of a signature", () => {
    const message =
      "The request signature we calculated does not match. The Canonical String for this request should have been\n'POST\nhost:x\nx-amz-security-token:canary-token\n'";
    for (const name of ["SignatureDoesNotMatch", "InvalidSignatureException", "ExpiredToken"]) {
      const error = awsError("iam:GetRole", told(name, message, 403));
      expect(error.code).toBe("PLATFORM_AUTH");
      expect(JSON.stringify([error.toRecord(), error.message, error.hint, String(error.cause)])).not.toMatch(
        "canary",
      );
    }
  });
});

test.each([
  ["CredentialsProviderError", undefined, "PLATFORM_AUTH"],
  ["TooManyRequestsException", 429, "THROTTLED"],
  ["AnotherKindOfThrottle", 429, "THROTTLED"],
  ["CodeStorageExceededException", 400, "LIMIT"],
  ["RequestEntityTooLarge", 413, "LIMIT"],
  ["ServiceException", 500, "PROVIDER_UNAVAILABLE"],
  ["BadGateway", 502, "PROVIDER_UNAVAILABLE"],
  ["TimeoutError", undefined, "PROVIDER_UNAVAILABLE"],
  ["Error", undefined, "PROVIDER_UNAVAILABLE"],
  ["InvalidParameterValueException", 400, "DEPLOY_FAILED"],
] as const)("%s with status %s is %s", (name, status, code) => {
  const error = awsError("lambda:CreateFunction", told(name, "said so", status));
  expect(error).toMatchObject({ code, hint: expect.stringMatching(/./) });
  if (code !== "PLATFORM_AUTH") expect(error.message).toBe("lambda:CreateFunction: said so");
});

test("fnmesh's own errors pass as they are", () => {
  const own = new FnmeshError("NOT_DEPLOYED", "there is none");
  expect(awsError("lambda:InvokeFunction", own)).toBe(own);
});
