import { describe, expect, test } from "vitest";
import { bucketAddress } from "./address.ts";
import { checkS3Settings } from "./check-settings.ts";

const good = { region: "eu-central-1", bucket: "jobs", accessKeyId: "AKID", secretAccessKey: "s3cret" };

describe("settings for S3", () => {
  test("are taken as they are, without what is not theirs", () => {
    expect(checkS3Settings({ ...good, more: 1 })).toEqual(good);
    const whole = { ...good, endpoint: "https://s3.example.org/store", sessionToken: "t0ken" };
    expect(checkS3Settings(whole)).toEqual(whole);
  });

  test.each([
    ["nothing", undefined, /not an object/],
    ["no bucket", { ...good, bucket: undefined }, /bucket is missing/],
    ["an empty key", { ...good, accessKeyId: "" }, /accessKeyId is missing/],
    ["a number as secret", { ...good, secretAccessKey: 12345 }, /secretAccessKey is not a plain text/],
    ["a line break in the secret", { ...good, secretAccessKey: "a\nb" }, /secretAccessKey is not/],
    ["a URL as bucket", { ...good, bucket: "s3://jobs" }, /no bucket's name/],
    ["a region that is none", { ...good, region: "Mars/1" }, /no region/],
    ["an endpoint without scheme", { ...good, endpoint: "localhost:9000" }, /no http/],
    ["keys in the endpoint", { ...good, endpoint: "http://AKID:s3cret@host" }, /holds a user or password/],
    ["a query in the endpoint", { ...good, endpoint: "http://host/?a=s3cret" }, /more than a path/],
  ])("%s: INVALID_ARGUMENT, without telling a secret", (_, settings, message) => {
    const check = () => checkS3Settings(settings);
    expect(check).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
    expect(check).toThrow(message);
    try {
      check();
    } catch (error) {
      expect(`${(error as Error).message} ${JSON.stringify(error)}`).not.toMatch(/s3cret|12345/);
    }
  });
});

describe("a bucket's address", () => {
  const url = (more: object, name = "fnmesh/a/1") => bucketAddress({ ...good, ...more }).url(name).href;

  test.each([
    ["AWS", {}, "https://jobs.s3.eu-central-1.amazonaws.com/fnmesh/a/1"],
    ["China", { region: "cn-north-1" }, "https://jobs.s3.cn-north-1.amazonaws.com.cn/fnmesh/a/1"],
    ["a bucket with a dot", { bucket: "a.b" }, "https://s3.eu-central-1.amazonaws.com/a.b/fnmesh/a/1"],
    ["an endpoint", { endpoint: "http://127.0.0.1:9000" }, "http://127.0.0.1:9000/jobs/fnmesh/a/1"],
    ["an endpoint with a path", { endpoint: "https://h/s3/" }, "https://h/s3/jobs/fnmesh/a/1"],
  ])("%s", (_, more, wanted) => expect(url(more)).toBe(wanted));

  test("of the bucket itself, with a query, and of odd names", () => {
    expect(url({ endpoint: "http://h" }, "")).toBe("http://h/jobs");
    expect(url({}, "")).toBe("https://jobs.s3.eu-central-1.amazonaws.com/");
    expect(bucketAddress(good).url("", { delete: "" }).search).toBe("?delete=");
    expect(url({ endpoint: "http://h" }, "a b/ü?#+%")).toBe("http://h/jobs/a%20b/%C3%BC%3F%23%2B%25");
  });

  test("of a name that begins with slashes is on the same host", () => {
    expect(url({}, "/evil.example/x")).toBe("https://jobs.s3.eu-central-1.amazonaws.com//evil.example/x");
    expect(url({ endpoint: "http://h" }, "//a//b")).toBe("http://h/jobs///a//b");
  });

  test("for people has no key in it", () => {
    expect(bucketAddress({ ...good, endpoint: "http://h:1" }).text).toBe("bucket jobs at http://h:1");
  });
});
