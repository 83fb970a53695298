#!/usr/bin/env node
import { existsSync } from "node:fs";

const main = new URL("../dist/main.mjs", import.meta.url);
if (!existsSync(main)) {
  console.error("fnmesh is not built yet: run `npm run build` in the repository's root first");
  process.exit(3);
}
await import(main.href);
