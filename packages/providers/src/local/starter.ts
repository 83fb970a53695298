// Starts containers cold: finds the bundle and what the system offers, lets only so many start at once, and keeps
// account of all of them so that they can be ended together.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { FnmeshError } from "@fnmesh/core";
import { workerCommand, workerEnvironment } from "./command.ts";
import { type Container, type ContainerOptions, startContainer } from "./container.ts";
import { createGate } from "./gate.ts";

export interface Starter {
  /** Rejects with LAUNCH_FAILED, PROVIDER_UNAVAILABLE, or CANCELLED by `signal`. */
  start(make: { memoryMb: number; place: readonly string[] }, signal: AbortSignal): Promise<Container>;
  /** Ends all containers, and starts no more. */
  close(): Promise<void>;
}

export interface StarterOptions {
  readonly entry: string | undefined;
  readonly onLine: ContainerOptions["onLine"];
}

/** Two a core: one computes while the other waits for its files. */
const startsPerCore = 2;

export function createStarter({ entry, onLine }: StarterOptions): Starter {
  const gate = createGate(startsPerCore * availableParallelism());
  const closing = new AbortController();
  const alive = new Set<Container>();
  let deathSignal: Promise<boolean> | undefined;

  const refuseIfClosed = () => {
    if (closing.signal.aborted) {
      throw new FnmeshError("PROVIDER_UNAVAILABLE", "the local provider is closed");
    }
  };
  return {
    async start(make, signal) {
      refuseIfClosed();
      deathSignal ??= hasDeathSignal();
      const command = workerCommand({
        node: process.execPath,
        entry: entry ?? builtEntry(),
        deathSignal: await deathSignal,
        ...make,
      });
      const leave = await gate.enter(AbortSignal.any([signal, closing.signal]));
      try {
        refuseIfClosed();
        const container = await startContainer({
          command,
          environment: workerEnvironment(process.env, make.memoryMb),
          onLine,
        });
        alive.add(container);
        if (closing.signal.aborted) container.kill();
        void container.ready.then(leave);
        void container.ended.then(() => alive.delete(container));
        return container;
      } catch (error) {
        leave();
        throw error;
      }
    },
    async close() {
      closing.abort();
      for (const container of alive) container.kill();
      await Promise.all([...alive].map((container) => container.ended));
    },
  };
}

/** Whether the kernel can be asked to end a process with its parent, even one that never looks at its input. */
function hasDeathSignal(): Promise<boolean> {
  if (process.platform !== "linux") return Promise.resolve(false);
  return new Promise((resolve) => {
    execFile("setpriv", ["--pdeathsig", "KILL", "--", "true"], { timeout: 5_000 }, (error) =>
      resolve(error === null),
    );
  });
}

/** Seen from this file in the sources, from the built module beside the entry, and from a chunk above it. */
const entryPlaces = ["../../dist/local/entry.cjs", "./entry.cjs", "./local/entry.cjs"];

function builtEntry(): string {
  const found = entryPlaces
    .map((place) => fileURLToPath(new URL(place, import.meta.url)))
    .find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new FnmeshError("PROVIDER_UNAVAILABLE", "the local provider's entry is not built", {
    hint: "Run `npm run build` in the checkout, or install the package again.",
  });
}
