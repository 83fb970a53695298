// A stand-in for gcloud: the commands of functions and of identity tokens that fnmesh calls, as the reference has them
// (cloud.google.com/sdk/gcloud/reference/functions). Unknown commands and flags, and values that do not fit, are
// refused. Functions are kept as the API tells them, with what it adds of its own.

import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type FlagRules, parseFlags } from "../support/tool-flags.ts";
import { change, ownFolder, refuse, stateFile } from "../support/tool-state.ts";
import { type CloudPlane, emptyPlane, type StoredFunction } from "./cloud-plane.ts";

const place: FlagRules = {
  "--project": /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/,
  "--quiet": "none",
  "--format": /^(json|none)$/,
};
const region: FlagRules = { "--region": /^[a-z]+-[a-z]+\d$/, "--gen2": "none" };

const commands: Readonly<Record<string, FlagRules>> = {
  "functions list": { "--v2": "none", "--regions": /^[a-z]+-[a-z]+\d$/, "--filter": /^name~.+$/ },
  "functions deploy": {
    ...region,
    "--source": /^\/.+/,
    "--runtime": /^nodejs(20|22|24)$/,
    "--entry-point": /^\w+$/,
    "--trigger-http": "none",
    "--no-allow-unauthenticated": "none",
    "--memory": /^\d+(Mi|Gi)$/,
    "--timeout": /^\d+s$/,
    "--concurrency": /^\d+$/,
    "--min-instances": /^\d+$/,
    "--max-instances": /^\d+$/,
    "--update-labels": /^([a-z][a-z0-9_-]{0,62}=[a-z0-9_-]{0,63},?)+$/,
    "--service-account": /^[^@]+@[^@]+$/,
  },
  "functions delete": region,
  "auth print-identity-token": {
    "--audiences": /^https?:\/\//,
    "--impersonate-service-account": /^[^@]+@[^@]+$/,
  },
};

const args = process.argv.slice(2);
const file = stateFile<CloudPlane>(ownFolder(), emptyPlane);
file.note(args);
const [group = "", verb = "", ...rest] = args;
const known = commands[`${group} ${verb}`] ?? refuse(`ERROR: (gcloud) Invalid choice: '${group} ${verb}'.`);
const { words, flags } = parseFlags(rest, { ...place, ...known }, (why) =>
  refuse(`ERROR: (gcloud.${group}.${verb}) ${why}`),
);
const [name] = words;
for (const flag of ["--project", ...(group === "auth" ? [] : [verb === "list" ? "--regions" : "--region"])]) {
  if (!flags.has(flag)) refuse(`ERROR: (gcloud.${group}.${verb}) argument ${flag}: Must be specified.`);
}
const key = `projects/${flags.get("--project")}/locations/${flags.get("--region")}/functions/${name}`;
const said = (kind: string, what: string) => refuse(`ERROR: (gcloud.${group}.${verb}) ${kind}: ${what}`);

if (file.read().plane.login === "none") {
  refuse(
    `ERROR: (gcloud.${group}.${verb}) You do not currently have an active account selected.\nPlease run:\n\n  $ gcloud auth login`,
  );
}
if (group === "auth") printToken();
else if (verb === "list") list();
else if (verb === "deploy") deploy();
else remove();

/** Also lets time pass: what is still at work is a little further each time somebody looks. */
function list(): void {
  const { plane, ...state } = file.read();
  const matches = new RegExp(flags.get("--filter")!.slice("name~".length));
  const seen = Object.entries(plane.functions)
    .map(([path, each]): [string, StoredFunction] => [path, { ...each, looks: each.looks - 1 }])
    .filter(([, each]) => each.looks > 0 || each.state !== "DELETING")
    .map(([path, each]): [string, StoredFunction] =>
      each.looks <= 0 && each.state === "DEPLOYING" ? [path, { ...each, state: "ACTIVE" }] : [path, each],
    );
  file.write({ ...state, plane: { ...plane, functions: Object.fromEntries(seen) } });
  const shown = seen.filter(([path]) => matches.test(path)).map(([path, each]) => asTold(path, each));
  process.stdout.write(JSON.stringify(shown));
}

function asTold(path: string, { looks: _, ...told }: StoredFunction): object {
  return { name: path, environment: "GEN_2", updateTime: "2026-01-01T00:00:00.000000000Z", ...told };
}

function deploy(): void {
  const before = file.read().plane.functions[key];
  if (before !== undefined && before.state !== "ACTIVE")
    said("ResponseError", "status=[409], code=[Conflict]");
  const source = flags.get("--source")!;
  const manifest = join(source, "package.json");
  if (!existsSync(manifest)) said("OperationError", "code=3, message=Build failed: no package.json");
  const { main, dependencies } = JSON.parse(readFileSync(manifest, "utf8")) as {
    main: string;
    dependencies: Record<string, string>;
  };
  if (!existsSync(join(source, main))) said("OperationError", `code=3, message=${main} does not exist`);
  if (dependencies["@google-cloud/functions-framework"] === undefined) {
    said("OperationError", "code=3, message=Build failed: no functions-framework");
  }
  const made = describe(before);
  const archive = join(ownFolder(), "source");
  change(
    file,
    (plane) => {
      cpSync(source, archive, { recursive: true });
      return { ...plane, functions: { ...plane.functions, [key]: made } };
    },
    (plane) => atWork(plane, { ...made, state: "DEPLOYING" }),
  );
}

/** The command is gone, and Google goes on. */
function atWork(plane: CloudPlane, each: StoredFunction): CloudPlane {
  return { ...plane, functions: { ...plane.functions, [key]: { ...each, looks: 2 } } };
}

function describe(before: StoredFunction | undefined): StoredFunction {
  const labels = (flags.get("--update-labels") ?? "").split(",").map((each) => each.split("="));
  const minimum = Number(flags.get("--min-instances"));
  const uri = file.read().plane.uri;
  return {
    state: "ACTIVE",
    looks: 0,
    labels: { ...before?.labels, "deployment-tool": "cli-gcloud", ...Object.fromEntries(labels) },
    url: uri,
    buildConfig: {
      runtime: flags.get("--runtime")!,
      entryPoint: flags.get("--entry-point")!,
      dockerRegistry: "ARTIFACT_REGISTRY",
    },
    serviceConfig: {
      uri,
      availableCpu: "0.3333",
      availableMemory: flags.get("--memory")!,
      timeoutSeconds: Number.parseInt(flags.get("--timeout")!, 10),
      // A count of 0 is left out of what the API tells.
      ...(minimum === 0 ? {} : { minInstanceCount: minimum }),
      maxInstanceCount: Number(flags.get("--max-instances")),
      maxInstanceRequestConcurrency: Number(flags.get("--concurrency")),
      serviceAccountEmail:
        flags.get("--service-account") ?? "123456789-compute@developer.gserviceaccount.com",
      ingressSettings: "ALLOW_ALL",
      allTrafficOnLatestRevision: true,
    },
  };
}

function remove(): void {
  const found = file.read().plane.functions[key];
  if (found === undefined) said("ResponseError", `status=[404], code=[Ok], message=[Resource '${key}'`);
  if (found!.state !== "ACTIVE") said("ResponseError", "status=[409], code=[Conflict]");
  change(
    file,
    ({ functions: { [key]: _, ...functions }, ...plane }) => ({ ...plane, functions }),
    (plane) => atWork(plane, { ...found!, state: "DELETING" }),
  );
}

function printToken(): void {
  const { plane } = file.read();
  const audience = flags.get("--audiences");
  const isService = plane.login === "service account" || flags.has("--impersonate-service-account");
  if (audience !== undefined && !isService) {
    refuse(
      "ERROR: (gcloud.auth.print-identity-token) Invalid account type for `--audiences`. Requires valid service account.",
    );
  }
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const seconds = Math.floor(Date.now() / 1000);
  const claims = { aud: audience ?? "gcloud", iat: seconds, exp: seconds + plane.tokenSeconds };
  process.stdout.write(`${part({ alg: "RS256" })}.${part(claims)}.${plane.signature}\n`);
}
