// OpenWhisk's invoker for tests: containers of the action runtime, and the record of each activation.

import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "../../../packages/stores/src/testing/child-server.ts";
import { type Container, type ContainerPool, containerPool, startContainer } from "../support/container.ts";

export interface Deployed {
  readonly exec: { readonly kind: string; readonly code: string };
  readonly annotations: readonly { readonly key: string; readonly value: unknown }[];
  readonly limits?: { readonly memory?: number; readonly timeout?: number; readonly concurrency?: number };
}

export interface Run {
  readonly action: Deployed;
  readonly name: string;
  readonly activationId: string;
  readonly delayMs: number;
  readonly params: object;
}

export interface Invoker {
  /** By id, once they are over. */
  readonly activations: ReadonlyMap<string, object>;
  readonly containers: number;
  /** Resolves when its record is there. */
  run(run: Run): Promise<void>;
  end(): Promise<void>;
}

const runtime = join(import.meta.dirname, "action-runtime.cjs");
const presetTimeoutMs = 60_000;

interface Outcome {
  readonly status: string;
  readonly result: unknown;
  readonly timedOut?: boolean;
}

export function createInvoker(): Invoker {
  const activations = new Map<string, object>();
  /** A container has its code for good, so each version of an action has its own. */
  const pools = new Map<Deployed, ContainerPool>();
  const over = new AbortController();

  const poolOf = (action: Deployed): ContainerPool => {
    const kept = pools.get(action) ?? containerPool(start);
    pools.set(action, kept);
    return kept;
  };
  const run = async ({ action, name, activationId, delayMs, params }: Run): Promise<void> => {
    await pause(delayMs, undefined, { ref: false, signal: over.signal });
    const pool = poolOf(action);
    const begun = Date.now();
    const { container, isNew } = await pool.take();
    const timeoutMs = action.limits?.timeout ?? presetTimeoutMs;
    const say = (path: string, body: object) => ask(container, path, body, timeoutMs);
    const { code } = action.exec;
    const initialised = isNew
      ? await say("/init", { value: { name, main: "main", code, binary: false } })
      : ok;
    const deadline = String(Date.now() + timeoutMs);
    const context = {
      namespace: "guest",
      action_name: `/guest/${name}`,
      activation_id: activationId,
      deadline,
    };
    const outcome =
      initialised.status === "success" ? await say("/run", { value: params, ...context }) : initialised;
    if (outcome.status === "action developer error") await container.end();
    pool.give(container);
    activations.set(activationId, recordOf(activationId, outcome, Date.now() - begun));
  };
  return {
    activations,
    get containers() {
      return [...pools.values()].reduce((sum, { started }) => sum + started, 0);
    },
    run: (asked) =>
      run(asked).catch((error: unknown) => {
        // As the platform says of its own faults; at the test's end nobody reads it.
        const outcome = { status: "whisk internal error", result: { error: String(error) } };
        activations.set(asked.activationId, recordOf(asked.activationId, outcome, 0));
      }),
    async end() {
      over.abort();
      await Promise.all([...pools.values()].map((pool) => pool.end()));
    },
  };
}

const ok: Outcome = { status: "success", result: {} };

async function start(): Promise<Container> {
  const port = await freePort();
  return startContainer({ args: [runtime, String(port)], place: { port } });
}

/** The rules of ActivationResult.scala; the texts of ErrorResponse.scala. */
async function ask(container: Container, path: string, body: object, timeoutMs: number): Promise<Outcome> {
  const isInit = path === "/init";
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const { status, text } = await container.send({
      ...{ method: "POST", path, signal: timeout, body: JSON.stringify(body) },
      headers: { "content-type": "application/json" },
    });
    const result = JSON.parse(text) as { readonly error?: unknown };
    if (status !== 200) return { status: "action developer error", result: { error: result.error } };
    // Whatever is beside an error is dropped.
    if (result.error !== undefined) return { status: "application error", result: { error: result.error } };
    return { status: "success", result };
  } catch {
    const error = timeout.aborted
      ? `The action exceeded its time limits of ${timeoutMs} milliseconds${isInit ? " during initialization." : "."}`
      : isInit
        ? "The action did not initialize and exited unexpectedly."
        : "The action did not produce a valid response and exited unexpectedly.";
    return { status: "action developer error", result: { error }, timedOut: timeout.aborted };
  }
}

const recordOf = (activationId: string, { status, result, timedOut = false }: Outcome, duration: number) => ({
  activationId,
  duration,
  annotations: timedOut ? [{ key: "timeout", value: true }] : [],
  response: { status, success: status === "success", result },
});
