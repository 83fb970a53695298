// `fnmesh trigger`: a job as a Lambda function that starts it, and the template that puts it beside what calls it.

import { readFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleJob } from "../bundle-job/bundle-job.ts";
import { driverModules, inputModule } from "../bundle-job/driver-modules.ts";
import type { ExitCode } from "../exit-codes.ts";
import { type Host, stdoutStyle, writeJson, writeText } from "../host.ts";
import { leastLevel, lineLog } from "../line-log.ts";
import {
  parseTriggerOptions,
  type RawTriggerOptions,
  type TriggerOptions,
} from "../options/trigger-options.ts";
import { formatBytes } from "../text/format.ts";
import { type Line, paint, piece } from "../text/paint.ts";
import { shellWord } from "../text/shell-word.ts";
import { bundleHandler } from "../trigger-folder/bundle-handler.ts";
import { type TriggerSource, templateFor } from "../trigger-folder/template.ts";
import { type FolderFile, writeFolder } from "../trigger-folder/write-folder.ts";

/** What `aws cloudformation package` makes of the template: it may be there, and is made anew. */
const packaged = "packaged.yaml";

/**
 * Rejects with USAGE, LIMIT, UNKNOWN_PROVIDER, UNKNOWN_CHANNEL, JOB_NOT_FOUND, JOB_COMPILE, JOB_INVALID, or
 * OUTPUT_UNWRITABLE.
 */
export async function triggerCommand(
  job: string,
  raw: RawTriggerOptions,
  template: URL,
  host: Host,
): Promise<ExitCode> {
  const options = parseTriggerOptions(raw);
  const { name, files, warnings } = await filesOf(job, options, template, host.cwd);
  const log = lineLog(
    leastLevel(host.environment, options.json ? "silent" : "warn"),
    (line) => void writeText(host.stderr, `${line}\n`),
  );
  for (const warning of warnings) log.warn(warning);
  const folder = resolve(host.cwd, options.output);
  await writeFolder(folder, files, [packaged]);
  const sizes = files.map(({ path, text }) => ({ path, bytes: Buffer.byteLength(text) }));
  if (options.json) {
    await writeJson(host, { name, from: options.from, folder, presets: options.presets, files: sizes });
    return 0;
  }
  // Commands are never cut to the terminal's width: they are copied.
  const style = { ...stdoutStyle(host), columns: Number.MAX_SAFE_INTEGER };
  const shown = relative(host.cwd, folder) || ".";
  const lines = told({ name, folder: shown, from: options.from, sizes }).map((line) => paint(line, style));
  await writeText(host.stdout, `${lines.join("\n")}\n`);
  return 0;
}

async function filesOf(
  job: string,
  { from, map, presets, stores }: TriggerOptions,
  template: URL,
  cwd: string,
): Promise<{ readonly name: string; readonly files: FolderFile[]; readonly warnings: string[] }> {
  // Which input a job has is known when it starts: what reads objects in S3 goes along.
  const bundled = await bundleJob(job, { cwd, drivers: driverModules(stores), input: inputModule });
  const handler = await bundleHandler({ job: bundled, map, presets, cwd });
  const { name, code, modules } = bundled;
  const files = [
    { path: "function/index.mjs", text: handler.code },
    { path: "function/index.mjs.map", text: handler.map },
    // For a handler of the user's own.
    { path: "job.json", text: `${JSON.stringify({ name, code, modules })}\n` },
    { path: "template.yaml", text: templateFor(from, await readFile(fileURLToPath(template), "utf8")) },
  ];
  return { name, files, warnings: [...bundled.warnings, ...handler.warnings] };
}

/** What a stack of each source has to be told beside the orchestrator. */
const ownParameters: Readonly<Record<TriggerSource, string>> = {
  s3: " Bucket=NAME MakeBucket=yes",
  sqs: "",
  http: "",
};

interface Made {
  readonly name: string;
  readonly folder: string;
  readonly from: TriggerSource;
  readonly sizes: readonly { readonly path: string; readonly bytes: number }[];
}

function told({ name, folder, from, sizes }: Made): Line[] {
  const path = (file: string) => shellWord(`${folder}/${file}`);
  const list = sizes.map(({ path, bytes }) => `${path} (${formatBytes(bytes)})`).join(", ");
  return [
    [piece(name, "bold"), piece(`'s trigger is in ${folder}: `), piece(list, "dim")],
    [piece("Go on with:")],
    [piece(`  aws cloudformation package --template-file ${path("template.yaml")} --s3-bucket BUCKET \\`)],
    [piece(`    --output-template-file ${path(packaged)}`)],
    [
      piece(
        `  aws cloudformation deploy --template-file ${path(packaged)} --stack-name fnmesh-trigger-${from} \\`,
      ),
    ],
    [piece("    --capabilities CAPABILITY_IAM --parameter-overrides \\")],
    [piece(`    Orchestrator=https://HOST:PORT TokenSecretArn=ARN${ownParameters[from]}`)],
  ];
}
