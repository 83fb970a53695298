import { describe, expect, test } from "vitest";
import type { HttpItem, S3Item, SqsItem } from "./items.ts";
import { presetMap, withPresets } from "./wish.ts";

const object: S3Item = {
  ...{ from: "s3", bucket: "logs", key: "a.txt", bytes: 5, source: "s3://logs/a.txt" },
  event: "ObjectCreated:Put",
};
const message = (body: string): SqsItem => ({ from: "sqs", id: "m1", queue: "arn:aws:sqs:…", body });
const request = (body: string, method = "POST"): HttpItem => ({
  ...{ from: "http", method, path: "/", query: {}, headers: {}, body },
});

test("an object is the input of a job; an empty one is no job", () => {
  expect(presetMap(object)).toEqual({ input: ["s3://logs/a.txt"] });
  expect(presetMap({ ...object, bytes: 0 })).toBeUndefined();
});

describe("a message's body, and a request's,", () => {
  test("says what differs, and may say nothing", () => {
    const wish = {
      workers: 8,
      params: { top: "20" },
      input: ["s3://logs/2026/*.txt", { name: "note", text: "the whale" }],
    };
    expect(presetMap(message(JSON.stringify(wish)))).toEqual(wish);
    expect(presetMap(request(JSON.stringify(wish)))).toEqual(wish);
    for (const body of ["", " \n", "{}"]) expect(presetMap(request(body))).toEqual({});
  });

  test.each([
    ["workers: 4", "the body is no JSON object"],
    ["[4]", "the body is no JSON object"],
    ["null", "the body is no JSON object"],
    ['{"worker":4}', 'the body has no field "worker"'],
    ['{"toString":4}', 'the body has no field "toString"'],
    ['{"provider":"local"}', 'the body has no field "provider"'],
    ['{"workers":"4"}', "workers has to be a whole number from 1 to 1000"],
    ['{"workers":0}', "workers has to be"],
    ['{"workers":1001}', "workers has to be"],
    ['{"workers":1.5}', "workers has to be"],
    ['{"params":{"top":20}}', "params has to be an object of texts"],
    ['{"params":["top"]}', "params has to be"],
    ['{"input":"s3://logs/a.txt"}', 'input has to be a list of "s3://bucket/key"'],
    ['{"input":["/etc/passwd"]}', "input has to be"],
    ['{"input":["s3://"]}', "input has to be"],
    ['{"input":[{"name":"a"}]}', "input has to be"],
    ['{"input":[{"name":"a","text":"b","path":"c"}]}', "input has to be"],
  ])("%s is refused, and told why", (body, why) => {
    for (const item of [message(body), request(body)]) {
      expect(() => presetMap(item)).toThrow(
        expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(why) }),
      );
    }
  });

  test("comes by POST alone", () => {
    expect(() => presetMap(request("", "GET"))).toThrow("a job is started by POST, not by GET");
  });
});

test("a wish goes before the presets; parameters are put together", () => {
  const presets = { workers: 4, provider: "aws", params: { top: "10", from: "preset" } };
  expect(withPresets({ workers: 8, params: { top: "20" } }, presets)).toEqual({
    ...{ workers: 8, provider: "aws" },
    params: { top: "20", from: "preset" },
  });
  expect(withPresets({ workers: 8 }, {})).toEqual({ workers: 8 });
});
