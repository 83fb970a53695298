// Lambda's own runtime behind NATs that drop unsolicited packets, as Lambda's do: every environment in a network of its
// own. All pairs are direct, on cold environments and on thawed ones, however far apart their workers start.

import { join } from "node:path";
import { labAvailability } from "@fnmesh/netlab";
import { beforeAll, describe, expect, test } from "vitest";
import { type Played, play } from "../../../packages/netlab/src/testing/sandboxed.ts";
import { installedCounterpart } from "../support/counterparts.ts";
import { countedOf, text } from "../support/play-job.ts";
import type { Counted, InnerOptions } from "./restricted.inner.ts";

const ric = await installedCounterpart("aws-lambda-ric");
const { available } = await labAvailability();
const workers = 4;

const jobs = [
  { name: "cold", lateMs: [] },
  { name: "warm", lateMs: [] },
  { name: "with workers that are invoked 2 s apart, and one 10 s late", lateMs: [0, 2_000, 4_000, 10_000] },
];

describe.skipIf(ric === undefined || !available)("Lambda's runtime behind restricted NATs", () => {
  let played: Played;
  let counted: readonly Counted[];
  beforeAll(async () => {
    const options: InnerOptions = { ric: ric!, workers, lateMs: jobs.map(({ lateMs }) => lateMs) };
    const program = join(import.meta.dirname, "restricted.inner.ts");
    const node = [process.execPath, "--conditions=source", "--import=tsx", program];
    played = await play([...node, JSON.stringify(options)]);
    counted = played.said as Counted[];
  });

  test("runs to its end", () => {
    expect({ code: played.code, stderr: played.stderr }).toEqual({ code: 0, stderr: "" });
    expect(counted).toHaveLength(jobs.length);
  });

  test.each(jobs.map(({ name }, index) => [name, index] as const))(
    "counts right, all pairs direct: %s",
    (_, index) => {
      const { error, output, paths } = counted[index]!;
      expect(error).toBeNull();
      expect(output).toBe(countedOf(text));
      expect(paths).toHaveLength((workers * (workers - 1)) / 2);
      expect(paths.filter(({ path }) => path !== "direct")).toEqual([]);
    },
  );

  test("in the same processes all the time", () => {
    expect(counted[0]!.pids).toHaveLength(workers);
    for (const { pids } of counted) expect(pids).toEqual(counted[0]!.pids);
  });
});
