import { FnmeshError } from "@fnmesh/core";
import { describe, expect, test } from "vitest";
import { checkToken, checkTransport, foreignReason, isLoopback, tokenCheck } from "./auth.ts";

describe("an address", () => {
  test.each(["localhost", "127.0.0.1", "127.9.9.9", "::1"])("%s is loopback", (host) => {
    expect(isLoopback(host)).toBe(true);
  });
  test.each(["0.0.0.0", "::", "10.0.0.1", "127.0.0.1.evil.example", "localhost.evil.example", ""])(
    "%s is not loopback",
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );
});

describe("the token's demands", () => {
  const codeOf = (host: string, token: string | undefined): string | undefined => {
    try {
      checkToken(host, token);
      return undefined;
    } catch (error) {
      return error instanceof FnmeshError ? error.code : "other";
    }
  };
  test.each([
    ["127.0.0.1", undefined, undefined],
    ["0.0.0.0", undefined, "USAGE"],
    ["::", undefined, "USAGE"],
    ["0.0.0.0", "a".repeat(15), "USAGE"],
    ["127.0.0.1", "a".repeat(15), "USAGE"],
    ["0.0.0.0", "a".repeat(16), undefined],
    ["0.0.0.0", "a token with spaces in it", "USAGE"],
    ["0.0.0.0", "a token\r\nX-Injected: 1", "USAGE"],
  ])("on %s with %j: %s", (host, token, code) => {
    expect(codeOf(host, token)).toBe(code);
  });
  test("the error does not repeat a bad token", () => {
    expect(() => checkToken("0.0.0.0", "short-secret")).toThrow(/^(?!.*short-secret)/);
  });
});

describe("an address", () => {
  const codeOf = (host: string, tls: boolean, insecure: boolean): string | undefined => {
    try {
      checkTransport(host, { tls, insecure });
      return undefined;
    } catch (error) {
      return error instanceof FnmeshError ? error.code : "other";
    }
  };
  test.each([
    ["127.0.0.1", false, false, undefined],
    ["0.0.0.0", false, false, "USAGE"],
    ["10.0.0.1", false, false, "USAGE"],
    ["0.0.0.0", true, false, undefined],
    ["0.0.0.0", false, true, undefined],
  ])("%s with TLS %s and leave to do without it %s: %s", (host, tls, insecure, code) => {
    expect(codeOf(host, tls, insecure)).toBe(code);
  });
});

describe("a bearer token", () => {
  const isRight = tokenCheck("correct-horse-battery");
  test.each(["Bearer correct-horse-battery", "bearer correct-horse-battery"])("%s is right", (header) => {
    expect(isRight(header)).toBe(true);
  });
  test.each([
    undefined,
    "",
    "Bearer",
    "Bearer ",
    "correct-horse-battery",
    "Basic correct-horse-battery",
    "Bearer correct-horse-batter",
    "Bearer correct-horse-battery2",
    "Bearer correct-horse-battery, Bearer x",
  ])("%s is wrong", (header) => {
    expect(isRight(header)).toBe(false);
  });
});

describe("a foreign page's request", () => {
  const own = { host: "127.0.0.1:8080", origin: undefined, fetchSite: undefined };
  test.each([
    ["no browser", own],
    ["localhost", { ...own, host: "localhost:8080" }],
    ["IPv6", { ...own, host: "[::1]:8080" }],
    ["through a tunnel on another port", { ...own, host: "localhost:9999" }],
    ["its own page", { ...own, origin: "http://127.0.0.1:8080", fetchSite: "same-origin" }],
    ["typed into the address bar", { ...own, fetchSite: "none" }],
  ])("is not: %s", (_, request) => {
    expect(foreignReason("127.0.0.1", request)).toBeUndefined();
  });
  test.each([
    ["a rebound name", { ...own, host: "evil.example:8080" }],
    ["a name that begins like ours", { ...own, host: "127.0.0.1.evil.example" }],
    ["no Host", { ...own, host: undefined }],
    ["another origin", { ...own, origin: "https://evil.example" }],
    ["another port of this machine", { ...own, origin: "http://127.0.0.1:3000" }],
    ["a sandboxed frame", { ...own, origin: "null" }],
    ["another site's image tag", { ...own, fetchSite: "cross-site" }],
    ["another port's image tag", { ...own, fetchSite: "same-site" }],
  ])("is: %s", (_, request) => {
    expect(foreignReason("127.0.0.1", request)).toBeTypeOf("string");
  });
  test("an open address has any name, its token protects it", () => {
    expect(foreignReason("0.0.0.0", { ...own, host: "fnmesh.example" })).toBeUndefined();
  });
});
