// What is built from what, as data: the packages' entries, and the bundles that run inside functions.

import { inRoot } from "./checkout.mjs";

// Entry names are the files' names in dist: package.json's `exports` point at them. `untyped` ones are built without
// declarations: a program, which nobody imports, and what is private.
export const packages = [
  {
    name: "core",
    entries: {
      index: "./src/index.ts",
      internal: "./src/internal.ts",
      // No door: a file of their own, so that a job without them leaves them out as a whole.
      "dataset/datasets": "./src/dataset/datasets.ts",
      "library/index": "./src/library/index.ts",
      "protocol/index": "./src/protocol/index.ts",
      "testing/index": "./src/testing/index.ts",
    },
  },
  {
    name: "orchestrator",
    entries: {
      index: "./src/index.ts",
      "api/index": "./src/api/index.ts",
      "client/index": "./src/client/index.ts",
      "cost/index": "./src/cost/index.ts",
    },
  },
  {
    name: "providers",
    entries: {
      index: "./src/index.ts",
      "local/index": "./src/local/index.ts",
      "aws/trigger": "./src/aws/trigger/trigger.ts",
    },
  },
  {
    name: "stores",
    entries: {
      index: "./src/index.ts",
      "redis/driver": "./src/redis/driver.ts",
      "memcached/driver": "./src/memcached/driver.ts",
      "s3/driver": "./src/s3/driver.ts",
      "s3-input/open-input": "./src/s3-input/open-input.ts",
    },
  },
  { name: "netlab", untyped: { index: "./src/index.ts" } },
  // The NAT lab is not published, so the command carries it.
  {
    name: "cli",
    entries: {
      index: "./src/index.ts",
      testing: "./src/testing-kit/index.ts",
      trigger: "./src/trigger.ts",
    },
    untyped: { main: "./src/main.ts" },
    bundles: ["@fnmesh/netlab"],
  },
];

/** Folders of packages/providers/src with an entry. */
const platformsWithEntry = [
  "local",
  "container",
  "aws",
  "google",
  "azure",
  "openwhisk",
  "oracle",
  "knative",
  "kubeless",
];

/** What runs inside a function: one file with everything in it, as small as it gets. */
export const functionBundles = platformsWithEntry.map((platform) => ({
  package: "providers",
  from: `src/${platform}/entry.ts`,
  to: `${platform}/entry.cjs`,
}));

/** What goes beside a bundle as it is. */
export const functionFiles = [
  { package: "providers", from: "src/container/Dockerfile", to: "container/Dockerfile" },
  ...["Dockerfile", "func.js", "package.json"].map((file) => ({
    package: "providers",
    from: `src/oracle/image/${file}`,
    to: `oracle/${file}`,
  })),
  ...["func.yaml", "package.json"].map((file) => ({
    package: "providers",
    from: `src/knative/image/${file}`,
    to: `knative/${file}`,
  })),
];

/** The files that decide what a build makes. */
export const buildInputs = [
  ...packages.flatMap(({ name }) => [
    inRoot("packages", name, "src"),
    inRoot("packages", name, "package.json"),
  ]),
  inRoot("tsconfig.json"),
  inRoot("scripts/build.mjs"),
  inRoot("scripts/lib/packages.mjs"),
];

export const isBuildInput = (file) => !/\.test\.ts$/.test(file);

/** The files without which the packages do not work. */
export const buildOutputs = [
  ...packages.flatMap(({ name, entries = {}, untyped = {} }) => [
    ...Object.keys(entries).flatMap((entry) => [`${name}/dist/${entry}.mjs`, `${name}/dist/${entry}.d.mts`]),
    ...Object.keys(untyped).map((entry) => `${name}/dist/${entry}.mjs`),
  ]),
  ...[...functionBundles, ...functionFiles].map(({ package: name, to }) => `${name}/dist/${to}`),
].map((path) => inRoot("packages", path));

/** Holds the fingerprint of the inputs of the last whole build. */
export const buildStamp = inRoot("node_modules", ".fnmesh-build");
