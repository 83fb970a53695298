import { describe, expect, test } from "vitest";
import { readEvent } from "./items.ts";

/** As AWS documents it, with the fields that are not looked at. */
const s3Event = (object: object, eventName = "ObjectCreated:Put") => ({
  Records: [
    {
      eventVersion: "2.1",
      eventSource: "aws:s3",
      awsRegion: "eu-central-1",
      eventTime: "2026-01-02T03:04:05.678Z",
      eventName,
      userIdentity: { principalId: "AWS:AROAEXAMPLE" },
      s3: {
        s3SchemaVersion: "1.0",
        configurationId: "texts",
        bucket: { name: "logs", ownerIdentity: { principalId: "A1" }, arn: "arn:aws:s3:::logs" },
        object,
      },
    },
  ],
});
const object = {
  key: "2026/a+b%2Bc%C3%BC.txt",
  size: 1024,
  eTag: "d41d8cd98f00b204e9800998ecf8427e",
  sequencer: "0A1B2C3D4E5F678901",
};

const sqsRecord = (messageId: string, body: string) => ({
  messageId,
  receiptHandle: "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a...",
  body,
  attributes: { ApproximateReceiveCount: "1", SentTimestamp: "1545082649183" },
  messageAttributes: {},
  md5OfBody: "e4e68fb7bd0e697a0ae8f1bb342846b3",
  eventSource: "aws:sqs",
  eventSourceARN: "arn:aws:sqs:eu-central-1:123456789012:texts",
  awsRegion: "eu-central-1",
});

const httpEvent = {
  version: "2.0",
  routeKey: "$default",
  rawPath: "/count",
  rawQueryString: "workers=4",
  queryStringParameters: { workers: "4" },
  headers: { "Content-Type": "text/plain", host: "example.lambda-url.eu-central-1.on.aws" },
  requestContext: {
    accountId: "anonymous",
    http: { method: "POST", path: "/count", protocol: "HTTP/1.1", sourceIp: "192.0.2.1" },
    requestId: "e1506fd5-9e7b-434f-bd42-4f8fa224b599",
    timeEpoch: 1583348638390,
  },
  body: Buffer.from("the whale ü").toString("base64"),
  isBase64Encoded: true,
};

const keyOf = (event: unknown) => readEvent(event)!.items[0]!.key;

describe("an object in S3", () => {
  test("has its key decoded", () => {
    expect(readEvent(s3Event(object))).toMatchObject({
      kind: "s3",
      items: [
        {
          item: {
            from: "s3",
            bucket: "logs",
            key: "2026/a b+cü.txt",
            bytes: 1024,
            source: "s3://logs/2026/a b+cü.txt",
            event: "ObjectCreated:Put",
          },
        },
      ],
    });
  });

  test("is named so that signs of patterns stand for themselves", () => {
    const { items } = readEvent(s3Event({ ...object, key: "a%2A%5Bb%5D%7Bc%7D.txt" }))!;
    expect(items[0]!.item).toMatchObject({ key: "a*[b]{c}.txt", source: "s3://logs/a\\*\\[b]\\{c}.txt" });
  });

  test("is one job for one writing of it", () => {
    expect(keyOf(s3Event(object))).toBe(keyOf(s3Event(object)));
    const others = [{ sequencer: "0A1B2C3D4E5F678902" }, { key: "other" }, { versionId: "v2" }];
    const keys = others.map((other) => keyOf(s3Event({ ...object, ...other })));
    expect(new Set([keyOf(s3Event(object)), ...keys]).size).toBe(4);
  });

  test.each([
    ["that was removed", s3Event(object, "ObjectRemoved:Delete")],
    ["of the test when a notification is set up", { Service: "Amazon S3", Event: "s3:TestEvent" }],
  ])("%s is none", (_, event) => {
    expect(readEvent(event)).toEqual({ kind: "s3", items: [] });
  });
});

test("messages of SQS are read in their order, each with its own key", () => {
  const event = { Records: [sqsRecord("m1", "one"), sqsRecord("m2", '{"two":2}')] };
  const { kind, items } = readEvent(event)!;
  const queue = "arn:aws:sqs:eu-central-1:123456789012:texts";
  expect([kind, items.map(({ item }) => item)]).toEqual([
    "sqs",
    [
      { from: "sqs", id: "m1", queue, body: "one" },
      { from: "sqs", id: "m2", queue, body: '{"two":2}' },
    ],
  ]);
  expect(items[0]!.key).not.toBe(items[1]!.key);
});

describe("an HTTP request", () => {
  test("comes decoded, with its headers in lower case", () => {
    expect(readEvent(httpEvent)!.items[0]!.item).toEqual({
      from: "http",
      method: "POST",
      path: "/count",
      query: { workers: "4" },
      headers: { "content-type": "text/plain", host: "example.lambda-url.eu-central-1.on.aws" },
      body: "the whale ü",
    });
  });

  test("is one of its own, unless its sender names it", () => {
    const another = { ...httpEvent.requestContext, requestId: "another" };
    const named = { ...httpEvent, headers: { "Idempotency-Key": "k1" } };
    expect(keyOf({ ...httpEvent, requestContext: another })).not.toBe(keyOf(httpEvent));
    expect(keyOf({ ...named, requestContext: another })).toBe(keyOf(named));
  });
});

test.each([
  ["nothing", undefined],
  ["a schedule", { source: "aws.events", "detail-type": "Scheduled Event", detail: {} }],
  ["another queue", { Records: [{ eventSource: "aws:kinesis" }] }],
  ["two kinds at once", { Records: [sqsRecord("m1", ""), s3Event(object).Records[0]] }],
])("%s is no event of these", (_, event) => {
  expect(readEvent(event)).toBeUndefined();
});
