#!/usr/bin/env node
import { existsSync } from "node:fs";

// Plain words for what would otherwise be a syntax error or a missing module.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`fnmesh needs Node 20.19 or later, and this is ${process.versions.node}: https://nodejs.org`);
  process.exit(3);
}
const main = new URL("../dist/main.mjs", import.meta.url);
if (!existsSync(main)) {
  console.error("fnmesh is not built yet: run `npm run build` in the repository's root first");
  process.exit(3);
}
await import(main.href);
