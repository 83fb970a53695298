import { describe, expect, test } from "vitest";
import { PassingFailure } from "../retry.ts";
import { brokenBy, failureOf, textsOf } from "./answers.ts";

const answer = (status: number, code?: string) => ({
  status,
  headers: {},
  body: Buffer.from(
    code === undefined
      ? ""
      : `<Error><Code>${code}</Code><Message>AKIDEXAMPLE and s3cret</Message><StringToSign>s3cret</StringToSign></Error>`,
  ),
});

describe("an answer that is not good", () => {
  test.each([
    [403, "AccessDenied", "STORE_AUTH"],
    [403, "SignatureDoesNotMatch", "STORE_AUTH"],
    [403, "InvalidAccessKeyId", "STORE_AUTH"],
    [400, "ExpiredToken", "STORE_AUTH"],
    [403, undefined, "STORE_AUTH"],
    [404, "NoSuchBucket", "STORE_UNAVAILABLE"],
    [404, "NoSuchKey", "STORE_LOST"],
    [404, undefined, "STORE_LOST"],
    [416, "InvalidRange", "STORE_LOST"],
    [403, "QuotaExceeded", "STORE_FULL"],
    [507, undefined, "STORE_FULL"],
    [301, "PermanentRedirect", "STORE_UNAVAILABLE"],
    [400, "AuthorizationHeaderMalformed", "STORE_UNAVAILABLE"],
    [400, "EntityTooLarge", "STORE_UNAVAILABLE"],
  ])("%s %s is %s", (status, code, wanted) => {
    expect(failureOf(answer(status, code), "bucket b")).toMatchObject({ code: wanted });
  });

  test.each([
    [503, "SlowDown", "throttled"],
    [503, undefined, "throttled"],
    [429, undefined, "throttled"],
    [500, "InternalError", "broken"],
    [502, undefined, "broken"],
    [400, "RequestTimeout", "broken"],
  ])("%s %s passes: %s", (status, code, kind) => {
    const failure = failureOf(answer(status, code), "bucket b");
    expect(failure).toBeInstanceOf(PassingFailure);
    expect(failure).toMatchObject({ kind, final: { code: "STORE_UNAVAILABLE" } });
  });

  test("shows its code, and nothing else of what the service said", () => {
    const failure = failureOf(answer(403, "SignatureDoesNotMatch"), "bucket b") as Error;
    expect(failure.message).toBe("bucket b answered 403 SignatureDoesNotMatch");
    expect(JSON.stringify(failure)).not.toMatch(/s3cret|AKID/);
    expect((failureOf(answer(400, "<b>odd</b> code"), "bucket b") as Error).message).toBe(
      "bucket b answered 400",
    );
  });
});

test("no answer passes too, and says why there was none", () => {
  const reset = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
  expect(brokenBy(reset, "bucket b").final.message).toBe("bucket b did not answer (ECONNRESET)");
});

test("names in a listing are what they were", () => {
  expect(textsOf("<Key>a&amp;b &lt;c&gt; &#39;&#x41;</Key><Key>d</Key>", "Key")).toEqual(["a&b <c> 'A", "d"]);
});
