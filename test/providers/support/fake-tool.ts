// A stand-in for a platform's command: a program on a PATH of its own, which keeps its state beside it, refuses what the
// real one refuses, and can be cut off at any call.

import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import type { ControlPlane } from "../deployment.suite.ts";
import { type StateFile, stateFile } from "./tool-state.ts";

export interface FakeTool<Plane> extends AsyncDisposable {
  readonly folder: string;
  /** With it alone on the PATH. */
  readonly environment: Readonly<Record<string, string>>;
  readonly state: StateFile<Plane>;
  plane(): Plane;
  setPlane(change: (plane: Plane) => Plane): void;
}

/** `source`: the program, in TypeScript, relative to test/providers. */
export async function installTool<Plane>(
  command: string,
  source: string,
  empty: Plane,
): Promise<FakeTool<Plane>> {
  const folder = await mkdtemp(join(tmpdir(), `fnmesh-${command}-`));
  const path = join(folder, "bin", command);
  await mkdir(join(folder, "bin"));
  await buildProgram(source, path);
  const state = stateFile(folder, empty);
  return {
    folder,
    environment: { PATH: join(folder, "bin"), HOME: folder },
    state,
    plane: () => state.read().plane,
    setPlane: (change) => state.write({ ...state.read(), plane: change(state.read().plane) }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** `source`: relative to test/providers; `path`: where it can be run from. */
export async function buildProgram(source: string, path: string): Promise<void> {
  await build({
    entryPoints: [join(import.meta.dirname, "..", source)],
    outfile: path,
    bundle: true,
    platform: "node",
    format: "cjs",
    banner: { js: `#!${process.execPath}` },
    logLevel: "warning",
  });
  await chmod(path, 0o755);
}

/** A control plane of the deployment suite that is the tool's. */
export function toolPlane<Plane>(
  tool: FakeTool<Plane>,
  its: Pick<ControlPlane, "resources" | "inventory" | "squat">,
): ControlPlane {
  return {
    ...its,
    mutations: () => tool.state.read().mutations,
    interrupt: (call, when) => tool.state.write({ ...tool.state.read(), interruption: { call, when } }),
    [Symbol.asyncDispose]: () => tool[Symbol.asyncDispose](),
  };
}
