import type { LaunchRequest } from "@fnmesh/core/internal";
import { describe, expect, it } from "vitest";
import { verdict } from "./verdict.ts";

const launch = { invocation: { timeoutMs: 5_000 } } as LaunchRequest;
const of = (status: number, text = "") => verdict({ status, text, headers: {} }, launch);

describe("an answer of Cloud Run's own", () => {
  it.each([
    [429, "Rate exceeded."],
    [500, "The request was aborted because there was no available instance."],
    [503, "The service is scaling up, try again later"],
  ])("%i %s is one too many", (status, text) => {
    expect(() => of(status, text)).toThrow(expect.objectContaining({ code: "THROTTLED" }));
  });

  it.each([
    [404, "NOT_DEPLOYED"],
    [401, "PLATFORM_AUTH"],
    [403, "PLATFORM_AUTH"],
  ])("%i is %s", (status, code) => {
    expect(() => of(status, "<h1>Error</h1>")).toThrow(expect.objectContaining({ code }));
  });

  it("tells a refused account which role it lacks", () => {
    expect(() => of(403)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining("roles/run.invoker") }),
    );
  });

  it("504 is the end of the function's time", () => {
    expect(of(504, "upstream request timeout")).toEqual({ kind: "timed-out", afterMs: 5_000 });
  });

  it.each([500, 503])("%i without a reason is an instance that broke, which is not asked again", (status) => {
    const text = "The request failed because the HTTP response was malformed.";
    expect(of(status, text)).toMatchObject({ kind: "crashed", detail: expect.stringContaining(text) });
  });
});
