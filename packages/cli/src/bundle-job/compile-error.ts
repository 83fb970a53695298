// What esbuild says of a job that does not compile, as one error: where, what, the line itself and a mark below it.

import { FnmeshError } from "@fnmesh/core";
import type { Message } from "esbuild";
import { isBuildFailure } from "./esbuild-parts.ts";

const mostShown = 3;

/** `job.ts:3:14: Expected ";"`, with the source line and a caret; columns count from 1. */
export function describeMessage({ text, location }: Pick<Message, "text" | "location">): string {
  if (location === null) return text;
  const { file, line, column, lineText, length } = location;
  const number = String(line);
  // Tabs stay tabs in the mark's indentation, so that the caret stands below its character at any tab width.
  const indent = lineText.slice(0, column).replace(/[^\t]/g, " ");
  const caret = "^".repeat(Math.max(1, Math.min(length, lineText.length - column)));
  const margin = " ".repeat(number.length);
  return `${file}:${line}:${column + 1}: ${text}\n  ${number} | ${lineText}\n  ${margin} | ${indent}${caret}`;
}

/** All that esbuild found as one JOB_COMPILE error; the first few in full. */
export function compileError(job: string, messages: readonly Message[]): FnmeshError {
  const shown = messages.slice(0, mostShown).map(describeMessage);
  const more = messages.length - shown.length;
  if (more > 0) shown.push(`and ${more} more`);
  return new FnmeshError("JOB_COMPILE", `${job} does not compile\n${shown.join("\n")}`, {
    hint: hintFor(messages),
  });
}

/** What a build of this file has thrown: FnmeshErrors as they are. */
export function buildError(file: string, thrown: unknown): FnmeshError {
  if (thrown instanceof FnmeshError) return thrown;
  if (isBuildFailure(thrown)) return compileError(file, thrown.errors);
  return new FnmeshError("PROVIDER_UNAVAILABLE", `esbuild cannot run: ${(thrown as Error).message}`, {
    cause: thrown,
    hint: "Install again without --no-optional and on this platform; `fnmesh doctor` checks it.",
  });
}

function hintFor(messages: readonly Message[]): string {
  const first = messages[0];
  const missing = /^Could not resolve "([^"]+)"/.exec(first?.text ?? "")?.[1];
  if (missing !== undefined) return hintForMissing(missing);
  if (/^No loader is configured for "\.node"/.test(first?.text ?? "")) {
    return "A job runs as one file in every worker: native add-ons cannot go along. Use a package without one.";
  }
  const note = first?.notes[0]?.text;
  return note ?? "Correct the line and run again.";
}

function hintForMissing(specifier: string): string {
  if (/^\.{0,2}\//.test(specifier))
    return "Is the file there? The path is relative to the file that imports it.";
  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  return `Install it where the job lives: npm install ${name}`;
}
