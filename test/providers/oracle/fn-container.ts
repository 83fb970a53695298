// Fn's container contract for tests: a process that listens on the socket that FN_LISTENER names
// (github.com/fnproject/docs, fn/develop/function-initialization.md).

import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Container, startContainer } from "../support/container.ts";
import { functionBundle } from "../support/function-bundle.ts";

const root = join(import.meta.dirname, "../../..");

/** What src/oracle/image/Dockerfile puts into /function. */
export async function fnImage(): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), "fnmesh-image-"));
  const bundle = await functionBundle("oracle");
  await copyFile(bundle.path, join(folder, "entry.cjs"));
  await bundle[Symbol.asyncDispose]();
  await copyFile(join(root, "packages/providers/src/oracle/image/func.js"), join(folder, "func.js"));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** `config`: the function's, which is in its environment. */
export async function startFnContainer(
  image: string,
  config: Readonly<Record<string, string>> = {},
): Promise<Container> {
  const sockets = await mkdtemp(join(tmpdir(), "fn-"));
  const socketPath = join(sockets, "lsnr.sock");
  const container = await startContainer({
    args: ["func.js"],
    cwd: image,
    environment: {
      ...config,
      ...{ FN_LISTENER: `unix:${socketPath}`, FN_FORMAT: "http-stream", FN_MEMORY: "512" },
      // The image has the development kit in its own node_modules.
      NODE_PATH: join(root, "node_modules"),
    },
    place: { socketPath },
  });
  return {
    ...container,
    async end() {
      await container.end();
      await rm(sockets, { recursive: true, force: true });
    },
  };
}
