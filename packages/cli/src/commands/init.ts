// `fnmesh init`: a new project with a job, its tests and its settings.

import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { FnmeshError } from "@fnmesh/core";
import type { ExitCode } from "../exit-codes.ts";
import { type Host, stdoutStyle, writeText } from "../host.ts";
import { askWishes, presetWishes, type Wishes } from "../init/ask.ts";
import { nameProblem } from "../init/project-name.ts";
import { projectFiles } from "../init/template.ts";
import { writeProject } from "../init/write-project.ts";
import type { RawInitOptions } from "../program.ts";
import { type Line, paint, piece } from "../text/paint.ts";
import { shellWord } from "../text/shell-word.ts";

/** What of the installed package a new project is made of. */
export interface Origin {
  readonly version: string;
  readonly template: URL;
}

/** Rejects with USAGE for files that are there already or a name that cannot be, OUTPUT_UNWRITABLE, or CANCELLED. */
export async function initCommand(
  directory: string | undefined,
  options: RawInitOptions,
  origin: Origin,
  host: Host,
): Promise<ExitCode> {
  const wishes = await wishesOf(directory, options, host);
  const filling = { name: wishes.name, version: origin.version };
  const files = await projectFiles(fileURLToPath(origin.template), filling);
  await writeProject(resolve(host.cwd, wishes.directory), files);
  const style = { ...stdoutStyle(host), columns: Number.MAX_SAFE_INTEGER };
  const paths = files.map(({ path }) => path);
  const lines = told(wishes, paths).map((line) => paint(line, style));
  await writeText(host.stdout, `${lines.join("\n")}\n`);
  return 0;
}

async function wishesOf(
  directory: string | undefined,
  { name, yes }: RawInitOptions,
  { stdin, stdout, cwd }: Host,
): Promise<Wishes> {
  const problem = name === undefined ? undefined : nameProblem(name);
  if (problem !== undefined) {
    throw new FnmeshError("USAGE", `--name ${name}: ${problem}`, { hint: "Such as --name word-count." });
  }
  const asking = { directory, name, cwd };
  if (yes === true || !stdin.isTTY || !stdout.isTTY) return presetWishes(asking);
  return await askWishes(asking, { input: stdin, output: stdout });
}

function told({ directory, name }: Wishes, paths: readonly string[]): Line[] {
  const enter = directory === "." ? [] : [[piece(`  cd ${shellWord(directory)}`)]];
  return [
    [piece(name, "bold"), piece(` is in ${directory}: `), piece(paths.join(", "), "dim")],
    [piece("Go on with:")],
    ...enter,
    [piece("  npm install")],
    [piece("  npm test")],
    [piece("  npm start")],
  ];
}
