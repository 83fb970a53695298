// The package that users install: core's public door.
export * from "@fnmesh/core";
