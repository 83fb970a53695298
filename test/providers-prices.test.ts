// Whose prices a run on each platform is billed at, and for how much memory: by its settings, as its provider tells the
// orchestrator, and in the table.

import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeClock, silentLog } from "@fnmesh/core/internal";
import { shippedPrices } from "@fnmesh/orchestrator/cost";
import { type Platform, type PlatformName, platformNames, platforms } from "@fnmesh/providers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { awsPlatform } from "../packages/providers/src/aws/index.ts";
import { memorySizesMb as azureSizes } from "../packages/providers/src/azure/limits.ts";
import { sizes as ibmSizes } from "../packages/providers/src/ibm/limits.ts";
import { memorySizesMb as oracleSizes } from "../packages/providers/src/oracle/limits.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fnmesh-prices-"));
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  writeFileSync(join(folder, "key.pem"), privateKey.export({ type: "pkcs8", format: "pem" }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const oci = {
  OCI_CLI_REGION: "eu-frankfurt-1",
  OCI_CLI_TENANCY: "t",
  OCI_CLI_USER: "u",
  OCI_CLI_FINGERPRINT: "f",
};
const environment = () => ({
  ...{ ...oci, HOME: folder, OCI_CLI_KEY_FILE: join(folder, "key.pem") },
  ...{ FNMESH_FUNCTION_KEY: "x".repeat(32), OPENFAAS_PASSWORD: "y", __OW_API_KEY: "a:b" },
  ...{ IBMCLOUD_API_KEY: "z", AWS_REGION: "eu-central-1" },
});

/** AWS's clients, of which opening a provider wants no more. */
const client = class {
  readonly config = { region: async () => "eu-central-1" };
  readonly getAccountSettings = async () => ({});
  readonly destroy = () => {};
};
const load = {
  lambda: async () => ({ Lambda: client }),
  iam: async () => ({ IAM: client }),
  logs: async () => ({ CloudWatchLogs: client }),
};
const aws = async () => awsPlatform({ load: load as never }) as Platform;

const image = "registry.example.org/fnmesh:1";
const place = { compartmentId: "ocid1.compartment.oc1..a", subnetIds: ["ocid1.subnet.oc1..b"] };
const cases: readonly [PlatformName, string, object, keyof typeof shippedPrices | undefined][] = [
  ["aws", "by itself", {}, "aws-arm64"],
  ["aws", "on arm64", { architecture: "arm64" }, "aws-arm64"],
  ["aws", "on x86", { architecture: "x86_64" }, "aws"],
  ["google", "by itself", { project: "words" }, "google"],
  ["azure", "on its Flex plan", { name: "words" }, "azure-flex"],
  ["ibm", "by itself", { projectId: "11111111-2222-3333-4444-555555555555", image }, "ibm"],
  ["oracle", "in Oracle's cloud", { image, ...place }, "oracle"],
  ["oracle", "on an Fn server", { image }, undefined],
  ["openwhisk", "of one's own", { apihost: "https://ow.example.org" }, undefined],
  ["openfaas", "of one's own", { image }, undefined],
  ["knative", "of one's own", {}, undefined],
  ["kubeless", "of one's own", {}, undefined],
];

test("each platform is asked", () => {
  expect([...new Set(cases.map(([name]) => name))].sort()).toEqual([...platformNames].sort());
});

test.each(cases)("%s %s", async (name, _, section, priced) => {
  const platform = await (name === "aws" ? aws() : platforms[name]!());
  const given = { stage: "dev", environment: environment() };
  const settings = platform.settings(section, given);
  expect(platform.prices(settings)).toBe(priced);
  if (priced !== undefined) expect(shippedPrices).toHaveProperty(priced);
  const session = { ...given, clock: nodeClock, log: silentLog, random: Math.random };
  const provider = await platform.open(settings, session);
  expect(provider.pricedAs).toBe(priced);
  expect(provider.deployedMb).toBe((settings as { readonly memoryMb: number }).memoryMb);
  await provider.close();
});

describe("the table bills the sizes that are deployed", () => {
  test("of Code Engine, with the processors that go with them", () => {
    const { memorySizesMb, cpus } = shippedPrices.ibm.rules;
    expect(memorySizesMb?.map(String)).toEqual(Object.keys(ibmSizes));
    const billed = memorySizesMb?.map((mb) => cpus?.find(({ upToMb }) => mb <= upToMb)?.vcpus);
    expect(billed).toEqual(Object.values(ibmSizes).map(Number));
  });

  test("of Oracle and of Azure's Flex plan", () => {
    expect(shippedPrices.oracle.rules.memorySizesMb).toEqual(oracleSizes);
    expect(shippedPrices["azure-flex"].rules.memorySizesMb).toEqual(azureSizes);
  });
});
