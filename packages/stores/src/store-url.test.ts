import { FnmeshError } from "@fnmesh/core";
import { expect, it } from "vitest";
import { memcachedAddressOf, parseMemcachedUrl } from "./memcached/memcached-url.ts";
import { parseRedisUrl, redisAddressOf } from "./redis/redis-url.ts";

const plain = { tls: false, user: undefined, password: undefined, database: 0, ca: undefined };

it.each([
  ["redis://cache", { ...plain, host: "cache", port: 6379, shown: "cache:6379" }],
  ["redis://cache:7000/4", { ...plain, host: "cache", port: 7000, database: 4, shown: "cache:7000" }],
  ["rediss://cache/", { ...plain, host: "cache", port: 6379, tls: true, shown: "cache:6379" }],
  ["redis://[::1]:7000", { ...plain, host: "::1", port: 7000, shown: "[::1]:7000" }],
  ["redis://:p%40ss@h", { ...plain, host: "h", port: 6379, password: "p@ss", shown: "h:6379" }],
  [
    "redis://me:p%2Fs@h/1",
    { ...plain, host: "h", port: 6379, user: "me", password: "p/s", database: 1, shown: "h:6379" },
  ],
])("reads %s", (url, address) => {
  expect(parseRedisUrl(url)).toEqual(address);
  expect(redisAddressOf({ url })).toEqual(address);
});

it("reads where a Memcached is", () => {
  const address = { host: "cache", port: 11_211, tls: false, ca: undefined, shown: "cache:11211" };
  expect(parseMemcachedUrl("memcached://cache")).toEqual(address);
  expect(memcachedAddressOf({ url: "memcached://cache:7/" })).toMatchObject({ port: 7, shown: "cache:7" });
});

it.each([
  [parseRedisUrl, "redis://:s3cret@"],
  [parseRedisUrl, "s3cret"],
  [parseRedisUrl, "http://:s3cret@h"],
  [parseRedisUrl, "redis://:s3cret@h:70000"],
  [parseRedisUrl, "redis://:s3cret@h:0"],
  [parseRedisUrl, "redis://:s3cret@h/zero"],
  [parseRedisUrl, "redis://:s3cret@h/0?tls=1"],
  [parseRedisUrl, "redis://:s3cret%zz@h"],
  [parseMemcachedUrl, "memcached://s3cret@h"],
  [parseMemcachedUrl, "memcached://:s3cret@h"],
  [parseMemcachedUrl, "memcached://h/s3cret"],
  [parseMemcachedUrl, "redis://h"],
  [redisAddressOf, undefined],
  [redisAddressOf, { url: 7 }],
  [memcachedAddressOf, {}],
])("%o refuses %s with a hint, and does not repeat it", (parse: (given: never) => unknown, given) => {
  let error: unknown;
  try {
    parse(given as never);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(FnmeshError);
  expect(error).toMatchObject({ code: "INVALID_ARGUMENT", hint: expect.stringMatching(/./) });
  expect(`${(error as Error).stack} ${(error as FnmeshError).hint}`).not.toContain("s3cret");
});
