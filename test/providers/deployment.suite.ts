// What every deployment has to do, against a control plane that may be cut off at any call: say first what it will do,
// change nothing that is right, be repeatable after any interruption, and leave nothing behind.

import { deploy, diff, type Resource, remove, survey } from "@fnmesh/providers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

export interface ControlPlane extends AsyncDisposable {
  /** The resources as one run of the command has them: made anew, with no memory of an earlier run. */
  resources(change?: "other settings"): Promise<readonly Resource[]>;
  /** Calls that changed something, so far. */
  mutations(): number;
  /** The call that changes something and has this number from now on (from 0) fails: before or after it has its effect. */
  interrupt(call: number, when: "before" | "after"): void;
  /** Everything that is there, ours or not, as the control plane itself counts it. */
  inventory(): readonly string[];
  /** Puts a stranger's thing under the name of our most important one. */
  squat(): void;
}

const { signal } = new AbortController();

export function deploymentContract(name: string, start: () => Promise<ControlPlane>) {
  describe(`a deployment on ${name}`, () => {
    let plane: ControlPlane;
    beforeEach(async () => {
      plane = await start();
    });
    afterEach(() => plane[Symbol.asyncDispose]());

    const deployed = async (change?: "other settings") => deploy(await plane.resources(change), { signal });
    const actions = (steps: readonly { readonly action: string }[]) =>
      new Set(steps.map(({ action }) => action));

    test("says what it will do, does that, and lists it", async () => {
      const resources = await plane.resources();
      expect(actions(await diff(resources, signal))).toEqual(new Set(["create"]));
      expect(plane.mutations()).toBe(0);
      expect(await survey(resources, signal)).toEqual([]);
      const told: string[] = [];
      await deploy(resources, { signal, onStep: ({ kind, name }) => told.push(`${kind} ${name}`) });
      expect(told).toEqual(resources.map((each) => `${each.kind} ${each.name}`));
      expect((await survey(resources, signal)).map((each) => `${each.kind} ${each.name}`)).toEqual(told);
    });

    test("done again changes nothing", async () => {
      await deployed();
      const before = plane.mutations();
      expect(actions(await deployed())).toEqual(new Set(["keep"]));
      expect(actions(await diff(await plane.resources(), signal))).toEqual(new Set(["keep"]));
      expect(plane.mutations()).toBe(before);
    });

    test("with other settings updates what differs, and says what", async () => {
      await deployed();
      const plan = await diff(await plane.resources("other settings"), signal);
      expect(actions(plan)).toContain("update");
      expect(plan.flatMap(({ changes }) => changes).length).toBeGreaterThan(0);
      await deployed("other settings");
      expect(actions(await diff(await plane.resources("other settings"), signal))).toEqual(new Set(["keep"]));
    });

    test.each(["before", "after"] as const)("that is cut off %s any call can be repeated", async (when) => {
      await deployed();
      const calls = plane.mutations();
      await remove(await plane.resources(), { signal });
      for (let call = 0; call < calls; call += 1) {
        plane.interrupt(call, when);
        await expect(deployed(), `call ${call}`).rejects.toThrow();
        await deployed();
        expect(actions(await deployed())).toEqual(new Set(["keep"]));
        await remove(await plane.resources(), { signal });
        expect(plane.inventory()).toEqual([]);
      }
    });

    test("is removed whole, also after interruptions, also twice", async () => {
      await deployed();
      const before = plane.mutations();
      await remove(await plane.resources(), { signal });
      const calls = plane.mutations() - before;
      expect(plane.inventory()).toEqual([]);
      expect(await remove(await plane.resources(), { signal })).toEqual([]);
      for (const when of ["before", "after"] as const) {
        for (let call = 0; call < calls; call += 1) {
          await deployed();
          plane.interrupt(call, when);
          await expect(remove(await plane.resources(), { signal }), `call ${call}`).rejects.toThrow();
          await remove(await plane.resources(), { signal });
          expect(plane.inventory()).toEqual([]);
        }
      }
    });

    test("touches nothing that it has not made", async () => {
      plane.squat();
      const before = plane.inventory();
      await expect(deployed()).rejects.toMatchObject({ code: "DEPLOY_FAILED" });
      await remove(await plane.resources(), { signal });
      expect(plane.inventory()).toEqual(before);
      expect(plane.mutations()).toBe(0);
    });
  });
}
