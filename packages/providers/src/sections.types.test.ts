// What the compiler takes in fnmesh.config.ts is what the platforms take: every field of every section, with a value of
// its type. (The other way round the compiler sees to: `Fields` reads what is in the section's type alone.)

import { expect, test } from "vitest";
import { type PlatformName, type PlatformSections, platformNames, platforms } from "./index.ts";

/** With every field there. */
type Whole = {
  readonly [Name in PlatformName]: {
    readonly [Field in keyof NonNullable<PlatformSections[Name]>]-?: Exclude<
      NonNullable<PlatformSections[Name]>[Field],
      undefined
    >;
  };
};

const sizes = { memoryMb: 512, timeoutMs: 60_000 } as const;
const whole: Whole = {
  aws: {
    ...{ ...sizes, region: "eu-central-1", profile: "dev", architecture: "x86_64", runtime: "nodejs24.x" },
    ...{ diskMb: 1024, roleArn: "arn:aws:iam::123456789012:role/mine", tags: { team: "data" } },
    vpc: { subnetIds: ["subnet-0a1b2c3d"], securityGroupIds: ["sg-0a1b2c3d"] },
  },
  azure: { ...sizes, name: "adas", location: "westeurope", maxInstances: 8, queues: "https://q.example" },
  google: {
    ...{ ...sizes, project: "p", region: "europe-west1", runtime: "nodejs24", minInstances: 1 },
    ...{ maxInstances: 8, serviceAccount: "a@p", identity: "gcloud", impersonate: "b@p" },
  },
  ibm: {
    ...{ region: "eu-de", projectId: "id", image: "i", imageSecret: "s", memoryMb: 4000, timeoutMs: 60_000 },
    ...{ minInstances: 1, maxInstances: 8, api: "https://a.example", iam: "https://b.example" },
  },
  knative: {
    ...{ ...sizes, context: "c", namespace: "n", image: "i", minScale: 1, maxScale: 8 },
    ...{ url: "http://a.example", gateway: "http://b.example" },
  },
  kubeless: {
    ...{ ...sizes, context: "c", namespace: "n", runtime: "nodejs22", image: "i", replicas: 8 },
    url: "http://a.example",
  },
  openfaas: {
    ...{ ...sizes, gateway: "http://a.example", user: "u", namespace: "n", image: "i", replicas: 8 },
  },
  openwhisk: {
    ...{ memoryMb: 256, timeoutMs: 60_000, apihost: "a.example", namespace: "n", runtime: "nodejs:22" },
    perMinute: 60,
  },
  oracle: {
    ...{ ...sizes, compartmentId: "c", subnetIds: ["s"], url: "https://a.example", profile: "P", image: "i" },
  },
};

test.each(platformNames)("%s takes every field that its section's type has", async (name) => {
  const platform = await platforms[name]!();
  const settings = platform.settings(whole[name], { stage: "dev", environment: {} });
  expect(JSON.stringify(settings)).toContain(String(whole[name].memoryMb));
});
