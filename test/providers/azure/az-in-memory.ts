// Azure's command `az` for tests without a process for each call: the same commands on a subscription in this one.

import { FnmeshError } from "@fnmesh/core";
import type { Az } from "../../../packages/providers/src/azure/cli.ts";
import type { ControlPlane } from "../deployment.suite.ts";
import { createInterruptions } from "../support/interruptions.ts";
import { az, emptySubscription } from "./az-commands.ts";

export interface MemorySubscription
  extends Pick<ControlPlane, "mutations" | "interrupt" | "inventory" | "squat"> {
  readonly az: Az;
}

export function subscription(): MemorySubscription {
  let plane = emptySubscription;
  const interruptions = createInterruptions();
  const run = (args: readonly string[]) => {
    const { effect, prints, code, stderr } = az([...args, "--output", "json"], plane);
    if (code !== 0) return { code, stderr };
    const done =
      effect === undefined ||
      interruptions.change(() => {
        plane = effect(plane);
        return true;
      });
    if (done === undefined) throw new FnmeshError("DEPLOY_FAILED", "the command was cut off");
    return { code, prints };
  };
  return {
    az: {
      async run(args) {
        const { code, prints, stderr } = run(args);
        if (code !== 0) throw new FnmeshError("DEPLOY_FAILED", `${args.join(" ")}: ${stderr}`);
        return prints;
      },
      async find(args) {
        return run(args).prints;
      },
    },
    mutations: () => interruptions.mutations,
    interrupt: (call, when) => interruptions.interrupt(call, when),
    inventory: () => [
      ...Object.keys(plane.groups),
      ...Object.keys(plane.accounts),
      ...plane.queues,
      ...Object.keys(plane.apps),
    ],
    squat() {
      plane = { ...plane, groups: { "fnmesh-test": { id: "/groups/theirs", tags: {} } } };
    },
  };
}
