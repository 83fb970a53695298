// The function as Google builds it: a folder with the bundle and what it runs under, Google's own framework.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtEntry } from "../kit/built-entry.ts";
import { codeHash } from "../kit/code-hash.ts";

/** The function's name in its module. */
export const entryPoint = "fnmesh";

const manifest = JSON.stringify(
  {
    name: "fnmesh-function",
    private: true,
    main: "index.js",
    dependencies: { "@google-cloud/functions-framework": "~5.0.5" },
  },
  undefined,
  2,
);

export interface Source {
  /** Of all that is deployed. */
  readonly hash: string;
  /** A folder that is there until `use` is done. */
  inFolder<Value>(use: (folder: string) => Promise<Value>): Promise<Value>;
}

/** Rejects with PROVIDER_UNAVAILABLE where the bundle is not built. */
export async function functionSource(): Promise<Source> {
  const code = await readFile(builtEntry("google/entry.cjs"));
  return {
    hash: codeHash(code, manifest),
    async inFolder(use) {
      const folder = await mkdtemp(join(tmpdir(), "fnmesh-google-"));
      try {
        await writeFile(join(folder, "index.js"), code);
        await writeFile(join(folder, "package.json"), manifest);
        return await use(folder);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}
