// The native half of AWS Lambda's runtime interface client: AWS's own sources, as the npm package has them. Its install
// script builds a whole curl first, which takes more than a minute and six more tools; here the compiler is called once,
// with the system's libcurl.

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { lastLines, runQuietly } from "./run.mjs";

/** Builds `rapid-client.node` in an installed aws-lambda-ric. Throws. */
export async function buildRapidClient(folder) {
  const modules = join(folder, "node_modules");
  const ric = join(modules, "aws-lambda-ric");
  const cpp = await unpackCpp(join(ric, "deps"));
  const version = versionSource(join(cpp, "src"), /([\d.]+)$/.exec(cpp)[1]);
  await runWell("g++", [
    ...["-std=c++17", "-O1", "-shared", "-fPIC", "-fexceptions", "-w"],
    ...[join(cpp, "include"), join(modules, "node-addon-api"), nodeHeaders()].map((path) => `-I${path}`),
    ...["-DNODE_GYP_MODULE_NAME=rapid_client", "-DBUILDING_NODE_EXTENSION", "-DAWS_LAMBDA_LOG=0"],
    join(ric, "src", "rapid-client.cc"),
    ...["logging.cpp", "runtime.cpp"].map((file) => join(cpp, "src", file)),
    version,
    ...["-lcurl", "-o", join(ric, "dist", "rapid-client.node")],
  ]);
}

async function unpackCpp(deps) {
  const archive = readdirSync(deps).find((name) => /^aws-lambda-cpp-.*\.tar\.gz$/.test(name));
  await runWell("tar", ["-xzf", join(deps, archive), "--no-same-owner", "-C", deps]);
  return join(deps, archive.replace(".tar.gz", ""));
}

/** What CMake fills in. */
function versionSource(source, version) {
  const [major, minor, patch] = version.split(".");
  const values = { "": version, _MAJOR: major, _MINOR: minor, _PATCH: patch };
  const file = join(source, "version.cpp");
  const text = readFileSync(`${file}.in`, "utf8");
  writeFileSync(
    file,
    text.replace(/@PROJECT_VERSION(\w*)@/g, (_, part) => values[part]),
  );
  return file;
}

/** They come with Node, whoever has packed it. */
function nodeHeaders() {
  const headers = join(dirname(process.execPath), "..", "include", "node");
  if (existsSync(join(headers, "node_api.h"))) return headers;
  throw new Error(`this Node has no headers in ${headers}`);
}

async function runWell(command, args) {
  const { code, output } = await runQuietly(command, args, { timeout: 120_000 });
  if (code !== 0) throw new Error(`\`${command}\` failed (exit code ${code}):\n${lastLines(output, 8)}`);
}
