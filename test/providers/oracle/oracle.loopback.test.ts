// Oracle Functions and Fn: both dialects of the API, and Fn's development kit on its socket.

import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeClock, silentLog } from "@fnmesh/core/internal";
import { deploy, type PlatformSession, platforms, survey } from "@fnmesh/providers";
import { expect, test } from "vitest";
import { providerContract } from "../contract.suite.ts";
import { deploymentContract } from "../deployment.suite.ts";
import { launchRequest } from "../support/launch.ts";
import { openPlayer } from "../support/play-job.ts";
import { fnImage } from "./fn-container.ts";
import { type FnServer, startFnServer } from "./fn-server.ts";
import { refuseUnsigned } from "./signed-by.ts";

const { signal } = new AbortController();
const session = (environment: PlatformSession["environment"]): PlatformSession => ({
  ...{ environment, clock: nodeClock, log: silentLog, random: Math.random },
});

const token = "canary-token";
const key = "canary-key-of-many-letters";
const image = "registry.example/fnmesh-function:now";
const refuseUnknown = ({ headers }: IncomingMessage) =>
  headers.authorization === `Bearer ${token}` ? undefined : "who is this?";

/** Deployed on Fn, with the image of the sources as they are. */
async function openDeployed(section: object = {}, given: PlatformSession["environment"] = {}) {
  const built = await fnImage();
  const server = await startFnServer({ refuse: refuseUnknown, image: built.folder });
  const oracle = await platforms.oracle!();
  const environment = { FN_API_URL: server.url, FN_TOKEN: token, FNMESH_FUNCTION_KEY: key, ...given };
  const settings = oracle.settings({ image, ...section }, { stage: "test", environment });
  await deploy(await oracle.resources(settings, session(environment)), { signal });
  return {
    ...{ server, resources: () => oracle.resources(settings, session(environment)) },
    /** As somebody who has another key, or none. */
    async stranger(key: string | undefined) {
      const theirs = { FN_API_URL: server.url, FN_TOKEN: token, FNMESH_FUNCTION_KEY: key };
      const asked = oracle.settings({ image }, { stage: "test", environment: theirs });
      return await oracle.open(asked, session(theirs));
    },
    provider: await oracle.open(settings, session(environment)),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await built[Symbol.asyncDispose]();
    },
  };
}

providerContract("Fn", {
  async start() {
    const opened = await openDeployed();
    return { ...opened, faults: opened.server.faults };
  },
});

const plane = (server: FnServer) => ({
  mutations: () => server.interruptions.mutations,
  interrupt: (call: number, when: "before" | "after") => server.interruptions.interrupt(call, when),
  inventory: () => [...server.entities.values()].map(({ name, displayName }) => String(name ?? displayName)),
});
const changed = { memoryMb: 1024, image: "registry.example/fnmesh-function:next" };

deploymentContract("Fn", async () => {
  const server = await startFnServer({ refuse: refuseUnknown });
  const oracle = await platforms.oracle!();
  const environment = { FN_API_URL: server.url, FN_TOKEN: token };
  return {
    ...plane(server),
    resources: (change) =>
      oracle.resources(
        oracle.settings(change === undefined ? { image } : changed, { stage: "test", environment }),
        session(environment),
      ),
    squat: () => void server.entities.set("1", { id: "1", collection: "apps", name: "fnmesh-test" }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
});

deploymentContract("Oracle's cloud", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const folder = await mkdtemp(join(tmpdir(), "fnmesh-oci-"));
  await writeFile(join(folder, "key.pem"), privateKey.export({ type: "pkcs8", format: "pem" }));
  await writeFile(
    join(folder, "config"),
    "[OTHER]\nuser=nobody\n[DEFAULT]\nuser=ocid1.user\ntenancy = ocid1.tenancy\nfingerprint=aa:bb\nregion=eu-frankfurt-1\nkey_file=~/key.pem\n",
  );
  const environment = { OCI_CLI_CONFIG_FILE: join(folder, "config"), HOME: folder };
  const refuse = refuseUnsigned("ocid1.tenancy/ocid1.user/aa:bb", publicKey);
  const server = await startFnServer({ dialect: "oci", refuse });
  const oracle = await platforms.oracle!();
  const place = { url: server.url, compartmentId: "ocid1.compartment", subnetIds: ["ocid1.subnet"] };
  return {
    ...plane(server),
    resources: (change) =>
      oracle.resources(
        oracle.settings(
          { ...place, ...(change === undefined ? { image } : changed) },
          { stage: "test", environment },
        ),
        session(environment),
      ),
    squat() {
      const theirs = { id: "1", collection: "applications", displayName: "fnmesh-test" };
      server.entities.set("1", { ...theirs, compartmentId: "ocid1.compartment" });
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
});

test("what ends a function is known from Fn's answer: its time limit, and an exit", async () => {
  await using opened = await openDeployed({ timeoutMs: 5_000 });
  const player = await openPlayer(opened.provider);
  try {
    // The worker's own limit is above Fn's, and it cannot speak.
    const stuck = await player.play("for (;;);", { workers: 1, timeoutMs: 5_000 });
    expect(stuck.report.error).toMatchObject({ code: "WORKER_TIMEOUT", rank: 0 });
    const gone = await player.play("process.exit(3);", { workers: 1, timeoutMs: 5_000 });
    expect(gone.report.error).toMatchObject({
      code: "WORKER_LOST",
      message: expect.stringContaining("function failed"),
    });
  } finally {
    await player[Symbol.asyncDispose]();
    await opened.provider.close();
  }
});

test("a wrong token, and a function that is not deployed, are told apart, without the token", async () => {
  const server = await startFnServer({ refuse: refuseUnknown });
  const oracle = await platforms.oracle!();
  const launch = async (environment: PlatformSession["environment"]) => {
    const settings = oracle.settings({ image }, { stage: "test", environment });
    const provider = await oracle.open(settings, session(environment));
    const worker = await provider.launch({ invocation: {} as never, memoryMb: 512, signal });
    return await worker.exit;
  };
  try {
    const refused = await launch({ FN_API_URL: server.url, FN_TOKEN: "canary-wrong" });
    expect(refused).toMatchObject({ kind: "crashed", error: { code: "PLATFORM_AUTH" } });
    expect(JSON.stringify(refused)).not.toContain("canary");
    const absent = await launch({ FN_API_URL: server.url, FN_TOKEN: token });
    expect(absent).toMatchObject({ kind: "crashed", error: { code: "NOT_DEPLOYED" } });
  } finally {
    await server[Symbol.asyncDispose]();
  }
});

test("a function that was deployed with a key takes calls with it alone, and holds its hash", async () => {
  await using opened = await openDeployed();
  const exitOf = async (theirs: string | undefined) => {
    const provider = await opened.stranger(theirs);
    // No invocation at all: what is let in says so at once.
    const worker = await provider.launch({ ...launchRequest(), invocation: {} as never });
    const exit = await worker.exit;
    await provider.close();
    return exit;
  };
  for (const other of [undefined, "another-key-of-many-letters"]) {
    expect(await exitOf(other)).toMatchObject({
      kind: "crashed",
      error: { code: "PLATFORM_AUTH", hint: expect.stringContaining("FNMESH_FUNCTION_KEY") },
    });
  }
  expect(await exitOf(key)).toMatchObject({ kind: "crashed", error: { code: "INVALID_ARGUMENT" } });
  const kept = JSON.stringify([...opened.server.entities.values()]);
  expect(kept).not.toContain("canary");
  const listed = await survey(await opened.resources(), signal);
  expect(listed.map(({ facts }) => facts.caller)).toEqual([
    undefined,
    expect.stringMatching(/^sha256 \w{12}$/),
  ]);
  await opened.provider.close();
});

test("Oracle's cloud is given no key: it takes signed calls alone", async () => {
  const oracle = await platforms.oracle!();
  const section = { image, compartmentId: "c", subnetIds: ["s"], url: "https://oci.example" };
  const settings = oracle.settings(section, { stage: "test", environment: { FNMESH_FUNCTION_KEY: key } });
  expect(settings).toMatchObject({ callerHash: undefined });
});
