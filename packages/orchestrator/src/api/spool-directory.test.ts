import { describe, expect, test } from "vitest";
import { foreignBootGraceMs, isAbandoned, parseSpoolOwner, spoolPrefix } from "./spool-directory.ts";

const self = { boot: "0123abcd", namespace: "4026531836", pid: 100, started: "555" };
const state = { self, startedNow: undefined, untouchedMs: 0 };

describe("a spool directory's name", () => {
  test("tells its owner", () => {
    expect(parseSpoolOwner(`${spoolPrefix(self)}Xy12ab`)).toEqual(self);
  });
  test.each(["fnmesh-spool-", "fnmesh-spool-0123abcd-1-2-3", "fnmesh-spool-zzzz-1-2-3-abc", "other"])(
    "%s is none of ours",
    (name) => {
      expect(parseSpoolOwner(name)).toBeUndefined();
    },
  );
});

describe("a spool directory is abandoned", () => {
  test("when its process is gone", () => {
    expect(isAbandoned({ ...self, pid: 7 }, state)).toBe(true);
  });
  test("when another process has its pid now", () => {
    expect(isAbandoned({ ...self, pid: 7 }, { ...state, startedNow: "999" })).toBe(true);
  });
  test("not while its process lives", () => {
    expect(isAbandoned({ ...self, pid: 7 }, { ...state, startedNow: "555" })).toBe(false);
  });
  test("not when its process may live in another container", () => {
    expect(isAbandoned({ ...self, namespace: "1" }, state)).toBe(false);
  });
  test("when another boot left it untouched for long", () => {
    const owner = { ...self, boot: "ffffffff" };
    expect(isAbandoned(owner, { ...state, untouchedMs: foreignBootGraceMs })).toBe(false);
    expect(isAbandoned(owner, { ...state, untouchedMs: foreignBootGraceMs + 1 })).toBe(true);
  });
});
