// What is deployed, as far as a launch depends on it: Lambda's memory is the function's and not the invocation's, so a
// job that counts on other memory than it would get is refused.

import type { Lambda } from "@aws-sdk/client-lambda";
import { FnmeshError } from "@fnmesh/core";
import type { Clock } from "@fnmesh/core/internal";
import { getFunction } from "./function.ts";
import { limits } from "./limits.ts";
import { functionName } from "./names.ts";
import type { AwsSettings } from "./settings.ts";

export type Deployed = Pick<AwsSettings, "memoryMb" | "timeoutMs">;

export interface LaunchWish extends Deployed {
  readonly payloadBytes: number;
}

export interface DeployedOptions {
  readonly settings: AwsSettings;
  readonly lambda: Lambda;
  readonly clock: Clock;
}

/** Somebody may deploy again while the orchestrator runs. */
const trustedMs = 60_000;

/** Rejects with LIMIT for a launch that does not fit what is deployed, with NOT_DEPLOYED if nothing is. */
export function checkedLaunch({ settings, lambda, clock }: DeployedOptions) {
  let known: { readonly atMs: number; readonly deployed: Promise<Deployed> } | undefined;

  const look = async (): Promise<Deployed> => {
    // Not a launch's own signal: others wait for the same answer. The client has its own time limit.
    const found = await getFunction(lambda, functionName(settings), new AbortController().signal).catch(
      (thrown: unknown) => {
        // Who may only invoke has what the settings say.
        if (thrown instanceof FnmeshError && thrown.code === "PLATFORM_AUTH") return settings;
        throw thrown;
      },
    );
    if (found === undefined) throw notDeployed(functionName(settings));
    if ("memoryMb" in found) return found;
    return {
      memoryMb: found.MemorySize ?? settings.memoryMb,
      timeoutMs: found.Timeout === undefined ? settings.timeoutMs : found.Timeout * 1000,
    };
  };
  const deployed = (): Promise<Deployed> => {
    if (known === undefined || clock.now() - known.atMs > trustedMs) {
      const asked = { atMs: clock.now(), deployed: look() };
      known = asked;
      // An answer that did not come is asked for again by the next launch.
      asked.deployed.catch(() => {
        if (known === asked) known = undefined;
      });
    }
    return known.deployed;
  };
  return async (wish: LaunchWish, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    checkWish(wish, await deployed());
  };
}

/** Throws LIMIT. Pure. */
export function checkWish({ memoryMb, timeoutMs, payloadBytes }: LaunchWish, deployed: Deployed): void {
  if (memoryMb !== deployed.memoryMb) {
    throw new FnmeshError("LIMIT", `${memoryMb} MB of memory, and the function has ${deployed.memoryMb} MB`, {
      hint: `Give --memory ${deployed.memoryMb}, or set aws.memoryMb to ${memoryMb} and deploy again; another --stage has another size.`,
    });
  }
  if (timeoutMs > deployed.timeoutMs) {
    const [asked, has] = [timeoutMs / 1000, deployed.timeoutMs / 1000];
    throw new FnmeshError("LIMIT", `a time limit of ${asked} s, and the function has ${has} s`, {
      hint: `Give --timeout ${has} or less, or set aws.timeoutMs and deploy again.`,
    });
  }
  if (payloadBytes > limits.payloadBytes) {
    throw new FnmeshError(
      "LIMIT",
      `an event of ${payloadBytes} bytes, and Lambda takes ${limits.payloadBytes}`,
      {
        hint: "Give the orchestrator a shorter name to be dialled at: nothing else in an event can be long.",
      },
    );
  }
}

const notDeployed = (name: string) =>
  new FnmeshError("NOT_DEPLOYED", `there is no function ${name} on AWS`, {
    hint: "Deploy it first, in the same region and stage: fnmesh deploy --provider aws.",
  });
