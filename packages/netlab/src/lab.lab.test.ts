// The lab as it stands: every profile proves its class, and bare sockets meet through its NATs exactly where they should.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labAvailability } from "./availability.ts";
import type { NatClass } from "./nat-class.ts";
import { type LabProfile, natTraits, placeProfiles } from "./profiles.ts";
import type { LinkSpeed } from "./testing/link-speeds.ts";
import type { PairMeeting } from "./testing/mesh.ts";
import {
  bundleInnerProgram,
  type InnerProgram,
  type Played,
  play,
  type ScenarioName,
} from "./testing/sandboxed.ts";

const availability = await labAvailability();
if (!availability.available) console.warn("skipped, no NAT lab here:", availability.missing);
const root = process.getuid?.() === 0;

describe.runIf(availability.available)("the NAT lab", () => {
  let inner: InnerProgram;
  beforeAll(async () => {
    inner = await bundleInnerProgram();
  });
  afterAll(() => inner.remove());

  const played = (name: ScenarioName, profile: LabProfile, workers: number, asNobody = false) =>
    play(inner.command(name, { profile, workers }, asNobody));

  async function resultOf<T>(playing: Promise<Played>): Promise<T> {
    const { code, said, stderr } = await playing;
    expect({ code, stderr, said: code === 0 ? "" : said }).toEqual({ code: 0, stderr: "", said: "" });
    return said.at(-1) as T;
  }

  const natProfiles = placeProfiles.filter((profile) => natTraits[profile] !== null);

  it.each(natProfiles)("measures of %s what its profile promises", async (profile) => {
    const [measured, ...more] = await resultOf<NatClass[]>(played("classes", profile, 2));
    expect(more).toEqual([]);
    const { shared, neighbours, ...promised } = natTraits[profile]!;
    expect(measured).toMatchObject({ profile, ...promised, ...(shared ? { neighbours } : {}) });
  });

  it("measures each kind of a mixed lab once", async () => {
    const classes = await resultOf<NatClass[]>(played("classes", "mixed", 14));
    expect(classes.map(({ profile }) => profile)).toEqual(natProfiles);
  });

  it("needs no NAT to be made for public workers", async () => {
    expect(await resultOf(played("classes", "none", 2))).toEqual([]);
  });

  it("lets each pair of a mixed lab meet by the path that is expected, whoever dials first", async () => {
    const meetings = await resultOf<PairMeeting[]>(played("mesh", "mixed", 14));
    expect(meetings).toHaveLength(14 * 13);
    expect(meetings.filter(({ expected, way }) => (way === null) !== (expected === "relay"))).toEqual([]);
    const ways = (pair: string) => meetings.filter((meeting) => meeting.pair === pair).map(({ way }) => way);
    expect(ways("reset reset")).toEqual(["so", "so"]);
    expect(ways("shared = shared")).toEqual(["so", "so"]);
    expect(ways("shared-no-hairpin = shared-no-hairpin")).toEqual(["own", "own"]);
    expect(new Set(ways("open symmetric"))).toEqual(new Set(["mapped"]));
  });

  it.each(["restricted", "shared"] as const)("lets %s workers meet with one dial each", async (profile) => {
    const meetings = await resultOf<PairMeeting[]>(played("mesh", profile, 3));
    expect(meetings).toHaveLength(6);
    for (const meeting of meetings) expect(meeting).toMatchObject({ way: "so", soTries: 1 });
  });

  it.each(["restricted", "shared"] as const)("takes 128 workers of %s", async (profile) => {
    const { openMs, meetings } = await resultOf<{ openMs: number; meetings: PairMeeting[] }>(
      played("large", profile, 128),
    );
    // A few seconds on an idle machine: what this rules out is growth faster than linear.
    expect(openMs).toBeLessThan(30_000);
    expect(meetings.map(({ way }) => way)).toEqual(Array(6).fill("so"));
  });

  it.each(["none", "restricted"] as const)(
    "limits each worker's link to its rate, each way (%s)",
    async (profile) => {
      const linkRate = 40_000_000;
      const speeds = await resultOf<LinkSpeed[]>(
        play(inner.command("speeds", { profile, workers: 2, linkRate })),
      );
      expect(speeds).toHaveLength(2);
      for (const { up, down, both } of speeds) {
        expect(Math.abs(up / linkRate - 1), `up ${up}`).toBeLessThan(0.05);
        expect(Math.abs(down / linkRate - 1), `down ${down}`).toBeLessThan(0.05);
        // Data and the other way's acknowledgements together; were the two ways one, it would be half.
        expect(both / linkRate).toBeGreaterThan(1.5);
      }
    },
  );

  it("refuses a rate at which nothing would work", async () => {
    const playing = play(inner.command("speeds", { profile: "none", workers: 2, linkRate: 1_000 }));
    expect(await errorOf(playing)).toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  it("leaves nothing behind when it is closed, and can be opened again", async () => {
    expect(await resultOf(played("reopen", "mixed", 14))).toEqual({ namespaces: [], links: 1 });
  });

  it.runIf(root)("works for an ordinary user", async () => {
    const classes = await resultOf<NatClass[]>(played("classes", "mixed", 14, true));
    expect(classes.map(({ profile }) => profile)).toEqual(natProfiles);
    const meetings = await resultOf<PairMeeting[]>(played("mesh", "restricted", 2, true));
    expect(meetings.map(({ way }) => way)).toEqual(["so", "so"]);
  });

  async function errorOf(playing: Promise<Played>): Promise<unknown> {
    const { code, said } = await playing;
    expect(code).toBe(1);
    return (said.at(-1) as { error: unknown }).error;
  }

  it("refuses a NAT that is not what it claims to be", async () => {
    expect(await errorOf(played("impostor", "open", 2))).toMatchObject({
      code: "LAB_SELF_TEST",
      message: expect.stringContaining("filtering is address-and-port-dependent, not endpoint-independent"),
      hint: expect.any(String),
    });
  });

  it("says in the tool's own words what could not be made", async () => {
    expect(await errorOf(played("obstacle", "restricted", 2))).toMatchObject({
      code: "LAB_UNAVAILABLE",
      message: expect.stringMatching(/links failed: .*File exists\nin: link add n0 /),
      hint: expect.any(String),
    });
  });

  it("is one at a time, and a second one does no harm to the first", async () => {
    const result = await resultOf<{ second: unknown; meetings: PairMeeting[] }>(played("second", "open", 2));
    expect(result.second).toMatchObject({ code: "LAB_UNAVAILABLE", message: expect.stringContaining("one") });
    expect(result.meetings).toMatchObject([{ way: expect.any(String) }]);
  });

  it("stops making itself when it is cancelled, and leaves nothing", async () => {
    expect(await errorOf(played("cancelled", "restricted", 128))).toMatchObject({ code: "CANCELLED" });
  });

  it.each([0, 1.5, 257])("does not take %d workers", async (workers) => {
    expect(await errorOf(played("classes", "restricted", workers))).toMatchObject({ code: "LIMIT" });
  });
});
