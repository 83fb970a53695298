// The orchestrator as its unit runs it on EC2: secrets are fetched from a stand-in of AWS's command, the certificate is
// made and taken, the unit's own command line serves, and a stop lets it end.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeEach, expect, test } from "vitest";
import { until } from "../testing/command.ts";
import { deployFile, readDeployFile, readUnit, valuesOf } from "./deploy-files.ts";

const bin = fileURLToPath(new URL("../../bin/fnmesh.mjs", import.meta.url));
const token = "a-token-that-aws-has-made-43-letters-long";
let folder = "";
const folders: string[] = [];
afterAll(() => {
  for (const each of folders) rmSync(each, { recursive: true, force: true });
});

/** Answers as AWS's command does, from files, and writes down what it was asked for. */
const fakeAws = `#!/bin/bash
echo "$*" >>"$AWS_FOLDER/asked"
case "$*" in
  *get-secret-value*certificate-arn*) cat "$AWS_FOLDER/certificate.json" ;;
  *get-secret-value*token-arn*) cat "$AWS_FOLDER/token" ;;
  *put-parameter*) for last; do :; done; cp "\${last#file://}" "$AWS_FOLDER/shown" ;;
  *) exit 1 ;;
esac
`;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fnmesh-service-"));
  folders.push(folder);
  for (const name of ["bin", "etc", "run"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, "bin/aws"), fakeAws);
  chmodSync(join(folder, "bin/aws"), 0o755);
  writeFileSync(join(folder, "token"), token);
});

const read = (name: string) => readFileSync(join(folder, name), "utf8");

function fetchSecrets(certificateSecret = "") {
  const settings = {
    ...{ REGION: "eu-central-1", ADDRESS: "203.0.113.5", TOKEN_SECRET: "token-arn" },
    ...{ CERTIFICATE_SECRET: certificateSecret, CERTIFICATE_PARAMETER: "/fnmesh/dev/certificate" },
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  writeFileSync(join(folder, "etc/ec2.env"), `${lines.join("\n")}\n`);
  return spawnSync(deployFile("ec2/fetch-secrets.sh"), {
    encoding: "utf8",
    env: {
      ...{ PATH: `${join(folder, "bin")}:${process.env.PATH}`, AWS_FOLDER: folder },
      FNMESH_EC2_ENV: join(folder, "etc/ec2.env"),
      FNMESH_SECRETS: join(folder, "secrets"),
      FNMESH_TLS: join(folder, "tls"),
    },
  });
}

/** What setup.sh writes for the unit, with values in the place of its variables. */
function serveEnv(): Record<string, string> {
  const values: Record<string, string> = {
    ...{ ADDRESS: "203.0.113.5", SERVE_OPTIONS: "", STAGE: "dev", REGION: "eu-central-1" },
  };
  const [, text] = /serve\.env <<END\n([\s\S]*?)\nEND\n/.exec(readDeployFile("ec2/setup.sh"))!;
  const lines = text!.replaceAll(/\$([A-Z_]+)/g, (_, name: string) => values[name]!).split("\n");
  return Object.fromEntries(
    lines.map((line) => [line.split("=")[0]!, line.slice(line.indexOf("=") + 1).trim()]),
  );
}

/** The unit's settings, with this test's folders in the place of the system's, and any free ports. */
function ofUnit(name: string): readonly string[] {
  const here: readonly (readonly [string | RegExp, string])[] = [
    ["/opt/fnmesh/node_modules/fnmesh/deploy", deployFile("").replace(/\/$/, "")],
    ["/opt/fnmesh/node_modules/.bin/fnmesh", bin],
    ["/etc/fnmesh", folder],
    ["%t/fnmesh", join(folder, "run")],
    ["%S/fnmesh", join(folder, "state")],
    [/port \d+/g, "port 0"],
    ["$FNMESH_SERVE_OPTIONS", serveEnv().FNMESH_SERVE_OPTIONS!],
  ];
  return valuesOf(readUnit("systemd/fnmesh.service"), "Service", name).map((value) =>
    here.reduce((text, [from, to]) => text.replaceAll(from, to), value),
  );
}

function takeCertificate(setting: "ExecStartPre" | "ExecReload") {
  const [command] = ofUnit(setting);
  expect(command).toMatch(/^\+\/bin\/sh /); // By root, as the service may not read there.
  const [program, ...words] = command!.slice(1).split(" ");
  const { status, stderr } = spawnSync(program!, words, { encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
}

function start() {
  const [command, ...rest] = ofUnit("ExecStart").join().split(" ");
  const [variables] = ofUnit("Environment");
  mkdirSync(join(folder, "state"));
  mkdirSync(join(folder, "credentials"));
  const [name, file] = ofUnit("LoadCredential").join().split(":");
  expect(file).toBe(join(folder, "token"));
  writeFileSync(join(folder, "credentials", name!), read("secrets/token"));
  const env = Object.fromEntries(variables!.split(" ").map((each) => each.split("=") as [string, string]));
  // AWS's client would look for an instance's credentials.
  const aws = { ...serveEnv(), AWS_EC2_METADATA_DISABLED: "true" };
  const child = spawn(process.execPath, [command!, ...rest], {
    cwd: join(folder, "state"),
    env: { PATH: process.env.PATH, ...env, ...aws, CREDENTIALS_DIRECTORY: join(folder, "credentials") },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return { child, stderr: () => stderr };
}

async function statusOf(port: number, path: string, headers = {}): Promise<number> {
  const ca = read("tls/cert.pem");
  const call = request({ host: "127.0.0.1", port, path, ca, headers, agent: false }).end();
  const [response] = await once(call, "response");
  response.resume();
  return response.statusCode;
}

test("the unit's commands serve over TLS with the fetched token, and end when they are told to", async () => {
  expect(fetchSecrets()).toMatchObject({ status: 0, stderr: "" });
  takeCertificate("ExecStartPre");
  const { child, stderr } = start();
  const ended = once(child, "close");
  try {
    const api = /workers dial 203\.0\.113\.5:\d+, the API is at https:\/\/0\.0\.0\.0:(\d+)/;
    await until("the API's address", () => api.test(stderr()) || child.exitCode !== null);
    const port = Number(api.exec(stderr())?.[1]);
    expect(await statusOf(port, "/readyz")).toBe(200);
    expect(await statusOf(port, "/jobs")).toBe(401);
    expect(serveEnv()).toMatchObject({
      FNMESH_PROVIDER: "aws",
      FNMESH_STAGE: "dev",
      AWS_REGION: "eu-central-1",
    });
    expect(await statusOf(port, "/jobs", { authorization: `Bearer ${token}` })).toBe(200);
    const health = spawnSync(process.execPath, [deployFile("container/health.mjs"), `${port}`]);
    expect(health.status).toBe(0);
    expect(readFileSync(`/proc/${child.pid}/cmdline`, "utf8")).not.toContain(token);
    expect(readFileSync(`/proc/${child.pid}/environ`, "utf8")).not.toContain(token);
    child.kill("SIGTERM");
    expect((await ended)[0]).toBe(0);
    expect(stderr()).not.toContain(token);
    expect(spawnSync(process.execPath, [deployFile("container/health.mjs"), `${port}`]).status).toBe(1);
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
});

test("what is fetched is for root alone, and the certificate that is made is shown and kept", () => {
  expect(fetchSecrets().status).toBe(0);
  expect(read("secrets/token")).toBe(token);
  for (const name of ["secrets/token", "tls/cert.pem", "tls/key.pem"]) {
    expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
  }
  expect(read("shown")).toBe(read("tls/cert.pem"));
  const names = spawnSync("openssl", [
    "x509",
    "-noout",
    "-ext",
    "subjectAltName",
    "-in",
    join(folder, "tls/cert.pem"),
  ]);
  expect(String(names.stdout)).toContain("IP Address:203.0.113.5, IP Address:127.0.0.1, DNS:localhost");
  const first = read("tls/cert.pem");
  expect(fetchSecrets().status).toBe(0);
  expect(read("tls/cert.pem")).toBe(first);
  expect(read("asked").match(/put-parameter/g)).toHaveLength(1);
  expect(read("asked")).not.toContain(token);
});

test("a certificate of one's own comes from its secret, and a reload takes the new one", () => {
  const put = (certificate: string, key: string) =>
    writeFileSync(join(folder, "certificate.json"), JSON.stringify({ certificate, key }));
  put("certificate 1", "key 1");
  expect(fetchSecrets("certificate-arn").status).toBe(0);
  takeCertificate("ExecStartPre");
  expect([read("run/cert.pem"), read("run/key.pem")]).toEqual(["certificate 1", "key 1"]);
  put("certificate 2", "key 2");
  expect(fetchSecrets("certificate-arn").status).toBe(0);
  takeCertificate("ExecReload");
  expect([read("run/cert.pem"), read("run/key.pem")]).toEqual(["certificate 2", "key 2"]);
  expect(statSync(join(folder, "run/key.pem")).mode & 0o777).toBe(0o400);
  expect(existsSync(join(folder, "shown"))).toBe(false);
});

test("what cannot be fetched fails, and leaves what was there", () => {
  expect(fetchSecrets().status).toBe(0);
  const certificate = read("tls/cert.pem");
  writeFileSync(join(folder, "certificate.json"), JSON.stringify({ certificate: "without a key" }));
  const failed = fetchSecrets("certificate-arn");
  expect(failed.status).not.toBe(0);
  expect(failed.stderr).toContain("lacks `certificate` or `key`");
  rmSync(join(folder, "token"));
  expect(fetchSecrets().status).not.toBe(0);
  expect([read("tls/cert.pem"), read("secrets/token")]).toEqual([certificate, token]);
});
