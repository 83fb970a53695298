// What commander finds wrong, as an error like all others: a code, a message, a hint.

import { FnmeshError } from "@fnmesh/core";
import type { CommanderError } from "commander";

const jobFile = /unknown command '([^']+\.[cm]?[jt]sx?)'/;

/** `error: unknown option '--worker'\n(Did you mean --workers?)` in two parts. */
export function usageError({ message, cause }: CommanderError, command: string): FnmeshError {
  const [first = "", ...rest] = message.replace(/^error: /, "").split("\n");
  const suggestion = rest.join(" ").replace(/^\((.*)\)$/, "$1");
  const hint = hintFor(first, suggestion, command);
  return new FnmeshError("USAGE", first.replaceAll("'", '"'), { hint, cause });
}

function hintFor(message: string, suggestion: string, command: string): string {
  const job = jobFile.exec(message)?.[1];
  if (job !== undefined) return `To run a job: fnmesh run ${job}`;
  const help = `\`${command} --help\` tells what there is.`;
  return suggestion === "" ? help : `${suggestion} ${help}`;
}
