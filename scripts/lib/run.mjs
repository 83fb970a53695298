// Starting other programs: either with this terminal as theirs, or quietly, with their output kept for the case
// that they fail.

import { spawn } from "node:child_process";
import { accessSync, constants as fs } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { inRoot, root } from "./checkout.mjs";

// Debian keeps `ip` and `nft` where an ordinary user's PATH does not look.
const systemFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** The program's full path, or undefined. */
export function which(program) {
  const folders = [...(process.env.PATH ?? "").split(delimiter), ...systemFolders];
  return folders
    .filter(Boolean)
    .map((folder) => join(folder, program))
    .find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, fs.X_OK);
    return true;
  } catch {
    return false; // not there, or not for us: both mean "look on"
  }
}

/** Runs to the end with this process's terminal; resolves with the exit code (128 + n for a signal). */
export function runInTerminal(command, args, options = {}) {
  const child = spawn(command, args, { cwd: root, stdio: "inherit", ...options });
  // Ctrl-C reaches the child by itself, from the terminal: this process waits for the child's own clean-up.
  const wait = () => {};
  const end = () => child.kill("SIGTERM");
  process.on("SIGINT", wait).on("SIGTERM", end);
  return exitOf(child).finally(() => process.off("SIGINT", wait).off("SIGTERM", end));
}

/** Runs to the end with its output kept: `{ code, output }`, standard output and error as they came. */
export async function runQuietly(command, args, options = {}) {
  const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], ...options });
  const pieces = [];
  child.stdout.on("data", (piece) => pieces.push(piece));
  child.stderr.on("data", (piece) => pieces.push(piece));
  const code = await exitOf(child);
  return { code, output: Buffer.concat(pieces).toString() };
}

function exitOf(child) {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}

/** A tool that is installed in this checkout, without npx in between. */
export const installed = (tool) => inRoot("node_modules", ".bin", tool);

export const lastLines = (text, count) => text.trimEnd().split("\n").slice(-count).join("\n");
