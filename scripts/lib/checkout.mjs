// Where this checkout is, and what its files hold: the ground under every script here. Plain Node, because these
// scripts run before anything is installed.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

export const root = fileURLToPath(new URL("../../", import.meta.url));

export const inRoot = (...parts) => join(root, ...parts);

/** Ends the script with what went wrong and what to do about it; anything else that is thrown is a defect of ours. */
export class SetupError extends Error {
  constructor(message, hint) {
    super(hint === undefined ? message : `${message}\n  ${hint}`);
    this.name = "SetupError";
  }
}

/** Runs a script's main function; a SetupError ends it with its words alone, without a stack. */
export async function main(run) {
  try {
    process.exitCode = (await run()) ?? 0;
  } catch (error) {
    console.error(error instanceof SetupError ? `error: ${forThisTerminal(error.message)}` : error);
    process.exitCode = 1;
  }
}

/** Tools colour what they say whether or not somebody sees it. */
const forThisTerminal = (text) => (process.stderr.isTTY ? text : stripVTControlCharacters(text));

function* filesUnder(path) {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inside = join(path, entry.name);
    if (entry.isDirectory()) yield* filesUnder(inside);
    else if (entry.isFile()) yield inside;
  }
}

/** One hash over names and contents: equal for equal files, whatever their times say. */
export function fingerprint(paths, keep = () => true) {
  const hash = createHash("sha256");
  const files = paths.filter((path) => existsSync(path)).flatMap((path) => listed(path));
  for (const file of files.filter(keep).sort()) {
    const content = readFileSync(file);
    hash.update(`${relative(root, file)}\n${content.length}\n`).update(content);
  }
  return hash.digest("hex");
}

function listed(path) {
  try {
    return [...filesUnder(path)];
  } catch (error) {
    if (error.code === "ENOTDIR") return [path];
    throw error;
  }
}
