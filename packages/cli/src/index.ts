// The package that users install: core's public door.
export * from "@fnmesh/core";
export { defineConfig, type FnmeshConfig, type StoresConfig } from "./config/define-config.ts";
