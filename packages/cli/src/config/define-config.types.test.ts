// What the compiler says of fnmesh.config.ts: each `@ts-expect-error` is an error of `npm run types` when the next line
// compiles.

import { expectTypeOf, test } from "vitest";
import { defineConfig, type FnmeshConfig } from "./define-config.ts";

/** Compiled and never run. */
function compiled(): void {
  const config = defineConfig({
    provider: "aws",
    aws: { region: process.env.REGION, memoryMb: 1024, architecture: "arm64", tags: { team: "data" } },
    openfaas: { gateway: "https://faas.example", image: "registry.example/fnmesh" },
    stages: { prod: { aws: { vpc: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] } } } },
    stores: { redis: { url: "redis://cache" } },
  });
  expectTypeOf(config).toEqualTypeOf<FnmeshConfig>();

  // @ts-expect-error: no such platform
  defineConfig({ awz: {} });
  // @ts-expect-error: no such field
  defineConfig({ aws: { memory: 1024 } });
  // @ts-expect-error: a number of MB
  defineConfig({ aws: { memoryMb: "1024" } });
  // @ts-expect-error: no such architecture
  defineConfig({ aws: { architecture: "arm" } });
  // @ts-expect-error: a network has both
  defineConfig({ aws: { vpc: { subnetIds: ["subnet-1"] } } });
  // @ts-expect-error: another platform's field
  defineConfig({ google: { gateway: "https://faas.example" } });
  // @ts-expect-error: a list
  defineConfig({ oracle: { subnetIds: "subnet" } });
  // @ts-expect-error: of a stage as of the project
  defineConfig({ stages: { prod: { knative: { replicas: 4 } } } });
}

test("types are checked by the compiler", () => {
  expectTypeOf(compiled).toBeFunction();
});
