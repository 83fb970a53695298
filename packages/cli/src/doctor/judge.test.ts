import { expect, test } from "vitest";
import { paint } from "../text/paint.ts";
import { type Check, canRun, checkLines } from "./check.ts";
import { judgeDescriptors, judgeLab, judgeMemory, judgeNode, judgePlatform } from "./judge.ts";

test.each([
  ["20.19.0", "ok"],
  ["20.18.3", "fail"],
  ["18.20.8", "fail"],
  ["22.0.0", "ok"],
  ["26.1.0-nightly2026", "ok"],
])("Node %s is %s", (version, status) => {
  expect(judgeNode(version).status).toBe(status);
});

test("a missing NAT lab is a warning with all that is missing, and each advice once", () => {
  const hint = "Install util-linux.";
  const check = judgeLab({
    available: false,
    missing: [
      { what: "the command `nsenter`", hint },
      { what: "the command `setpriv`", hint },
    ],
  });
  expect(check).toEqual({
    name: "NAT lab",
    status: "warn",
    detail: "not here (--nat): the command `nsenter`; the command `setpriv`",
    fix: hint,
  });
  expect(judgeLab({ available: true, rootless: true }).status).toBe("ok");
});

test.each([
  [1_048_576, "ok", "1,000 workers"],
  [1024, "ok", "112 workers"],
  [512, "warn", "48 workers"],
  [128, "fail", "0 workers"],
  [64, "fail", "0 workers"],
])("a limit of %i open files is %s", (limit, status, room) => {
  expect(judgeDescriptors(limit)).toMatchObject({ status, detail: expect.stringContaining(room) });
});

test("open files that nobody limits or tells of are no concern", () => {
  expect(judgeDescriptors(undefined).status).toBe("ok");
  expect(judgeDescriptors(Number.POSITIVE_INFINITY).status).toBe("ok");
});

test("memory for the preset number of workers is enough, for none is not", () => {
  expect(judgeMemory(8e9)).toMatchObject({
    status: "ok",
    detail: "8.0 GB available: enough for 125 small workers",
  });
  expect(judgeMemory(130e6).status).toBe("warn");
  expect(judgeMemory(50e6).status).toBe("fail");
  expect(judgePlatform("darwin", "arm64").status).toBe("warn");
});

test("the lines are aligned, with the advice below and a verdict", () => {
  const checks: Check[] = [
    { name: "Node", status: "ok", detail: "22.1.0" },
    { name: "NAT lab", status: "warn", detail: "not here", fix: "Install nftables." },
  ];
  const show = (list: Check[]) => checkLines(list).map((line) => paint(line, { columns: 80, colors: false }));
  expect(show(checks)).toEqual([
    "ok    Node     22.1.0",
    "warn  NAT lab  not here",
    "               Install nftables.",
    "",
    "Jobs can run here. 1 thing above cannot.",
  ]);
  expect(show([checks[0]!]).at(-1)).toBe("Jobs can run here, and all else that fnmesh has.");
  const failing: Check[] = [...checks, { name: "memory", status: "fail", detail: "none" }];
  expect(show(failing).at(-1)).toBe("Jobs cannot run here: see 1 failure above.");
  expect([canRun(checks), canRun(failing)]).toEqual([true, false]);
});
