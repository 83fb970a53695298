// What fnmesh keeps on Azure: a resource group with a storage account, a queue in it, and a function app that the queue
// triggers. Tags say whose they are.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipOf } from "../kit/archive.ts";
import type { Facts, Resource } from "../kit/deployment.ts";
import { type AppPackage, queueName } from "./app-package.ts";
import type { Az } from "./cli.ts";
import type { AzureSettings } from "./settings.ts";

const ownTag = "fnmesh";
const codeTag = "fnmesh-code";
/** Of the app; Azure updates it within. */
const nodeVersion = "22";

interface Tagged {
  readonly id: string;
  readonly location?: string;
  readonly tags?: Readonly<Record<string, string>> | null;
}

const isOurs = ({ tags }: Tagged): boolean => tags?.[ownTag] !== undefined;

/** In the order in which they are made. */
export const azureResources = (settings: AzureSettings, az: Az, code: AppPackage): readonly Resource[] => [
  groupResource(settings, az),
  accountResource(settings, az),
  queueResource(settings, az),
  appResource(settings, az, code),
];

function groupResource({ group, location, stage }: AzureSettings, az: Az): Resource {
  const find = (signal: AbortSignal) => az.find(["group", "show", "--name", group], signal);
  return {
    kind: "resource group",
    name: group,
    wanted: {},
    async read(signal) {
      const found = (await find(signal)) as Tagged | undefined;
      return found === undefined ? undefined : { facts: {}, ours: isOurs(found) };
    },
    async create(signal) {
      const tags = ["--tags", `${ownTag}=${stage}`];
      await az.run(["group", "create", "--name", group, "--location", location, ...tags], signal);
    },
    update: async () => {}, // It has nothing that could differ.
    async remove(signal) {
      if ((await find(signal)) === undefined) return;
      // With whatever Azure has put beside ours: a plan, logs.
      await az.run(["group", "delete", "--name", group, "--yes"], signal);
    },
  };
}

function accountResource({ group, account, location, stage }: AzureSettings, az: Az): Resource {
  const place = ["--name", account, "--resource-group", group];
  const find = (signal: AbortSignal) => az.find(["storage", "account", "show", ...place], signal);
  return {
    kind: "storage account",
    name: account,
    wanted: {},
    async read(signal) {
      const found = (await find(signal)) as Tagged | undefined;
      return found === undefined ? undefined : { facts: {}, ours: isOurs(found) };
    },
    async create(signal) {
      const safe = ["--min-tls-version", "TLS1_2", "--allow-blob-public-access", "false"];
      const what = ["--location", location, "--sku", "Standard_LRS", "--kind", "StorageV2", ...safe];
      await az.run(
        ["storage", "account", "create", ...place, ...what, "--tags", `${ownTag}=${stage}`],
        signal,
      );
    },
    update: async () => {},
    async remove(signal) {
      if ((await find(signal)) !== undefined)
        await az.run(["storage", "account", "delete", ...place, "--yes"], signal);
    },
  };
}

function queueResource({ account }: AzureSettings, az: Az): Resource {
  // With the key that az looks up by itself: in its arguments others could see it.
  const place = ["--name", queueName, "--account-name", account, "--auth-mode", "key"];
  return {
    kind: "queue",
    name: `${account}/${queueName}`,
    wanted: {},
    async read(signal) {
      const found = (await az.find(["storage", "queue", "exists", ...place], signal)) as
        | { readonly exists: boolean }
        | undefined;
      // In an account that is ours, so is it.
      return found?.exists ? { facts: {}, ours: true } : undefined;
    },
    create: async (signal) => void (await az.run(["storage", "queue", "create", ...place], signal)),
    update: async () => {},
    remove: async (signal) => void (await az.find(["storage", "queue", "delete", ...place], signal)),
  };
}

/** What is read of an app; newer versions of az have it one storey deeper. */
interface App extends Tagged {
  readonly functionAppConfig?: AppConfig;
  readonly properties?: { readonly functionAppConfig?: AppConfig };
}

interface AppConfig {
  readonly scaleAndConcurrency?: {
    readonly instanceMemoryMB?: number;
    readonly instanceMemoryMb?: number;
    readonly maximumInstanceCount?: number;
  };
}

function appResource(settings: AzureSettings, az: Az, code: AppPackage): Resource {
  const { group, account, app, location, stage, memoryMb, maxInstances } = settings;
  const place = ["--name", app, "--resource-group", group];
  const size = ["--instance-memory", String(memoryMb), "--maximum-instance-count", String(maxInstances)];
  const find = async (signal: AbortSignal) =>
    (await az.find(["functionapp", "show", ...place], signal)) as App | undefined;

  /** The tag comes last: without it the code is deployed again. */
  const deployCode = async (signal: AbortSignal) => {
    await inZip(code, (zip) =>
      az.run(
        [
          ...["functionapp", "deployment", "source", "config-zip", ...place],
          ...["--src", zip, "--build-remote", "true"],
        ],
        signal,
      ),
    );
    const { id } = (await find(signal)) ?? { id: "" };
    const tag = ["--tags", `${codeTag}=${code.hash}`];
    await az.run(["tag", "update", "--resource-id", id, "--operation", "Merge", ...tag], signal);
  };
  return {
    kind: "function app",
    name: app,
    wanted: { memory: `${memoryMb} MB`, maxInstances, code: code.hash },
    async read(signal) {
      const found = await find(signal);
      return found === undefined ? undefined : { facts: factsOf(found), ours: isOurs(found) };
    },
    async create(signal) {
      const where = ["--storage-account", account, "--flexconsumption-location", location];
      const what = ["--runtime", "node", "--runtime-version", nodeVersion, "--disable-app-insights", "true"];
      const tags = ["--tags", `${ownTag}=${stage}`];
      await az.run(["functionapp", "create", ...place, ...where, ...what, ...size, ...tags], signal);
      await deployCode(signal);
    },
    async update(changed, signal) {
      if (changed.some((fact) => fact !== "code")) {
        await az.run(["functionapp", "scale", "config", "set", ...place, ...size], signal);
      }
      if (changed.includes("code")) await deployCode(signal);
    },
    async remove(signal) {
      if ((await find(signal)) !== undefined) await az.run(["functionapp", "delete", ...place], signal);
    },
  };
}

function factsOf({ functionAppConfig, properties, tags }: App): Facts {
  const { scaleAndConcurrency = {} } = functionAppConfig ?? properties?.functionAppConfig ?? {};
  const { instanceMemoryMB, instanceMemoryMb, maximumInstanceCount = 0 } = scaleAndConcurrency;
  return {
    memory: `${instanceMemoryMB ?? instanceMemoryMb ?? 0} MB`,
    maxInstances: maximumInstanceCount,
    code: tags?.[codeTag] ?? "",
  };
}

async function inZip<Value>(code: AppPackage, use: (path: string) => Promise<Value>): Promise<Value> {
  const folder = await mkdtemp(join(tmpdir(), "fnmesh-azure-"));
  try {
    const path = join(folder, "app.zip");
    await writeFile(path, zipOf(code.files));
    return await use(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
