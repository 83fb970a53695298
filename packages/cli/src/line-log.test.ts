import { expect, test } from "vitest";
import { leastLevel, lineLog } from "./line-log.ts";

test("lines below the level are dropped, the others carry their fields on one line", () => {
  const lines: string[] = [];
  const log = lineLog("warn", (line) => lines.push(line));
  log.debug("d");
  log.info("i");
  log.warn("relay closed", { rank: 3, reason: "reset\nby peer" });
  log.error("e");
  expect(lines).toEqual(["warning: relay closed rank=3 reason=reset by peer", "error: e"]);
});

test("FNMESH_LOG chooses the level, and a wrong one is bad usage", () => {
  expect(leastLevel({}, "warn")).toBe("warn");
  expect(leastLevel({ FNMESH_LOG: "" }, "warn")).toBe("warn");
  expect(leastLevel({ FNMESH_LOG: "DEBUG" }, "warn")).toBe("debug");
  expect(() => leastLevel({ FNMESH_LOG: "debgu" }, "warn")).toThrow(/FNMESH_LOG is "debgu"/);
});
