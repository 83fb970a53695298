// Tokens come from a file or the environment, never from the arguments: those are everyone's to read. Workers inherit
// the environment, so what is read there is taken out of it.

import { readFileSync } from "node:fs";
import { FnmeshError } from "@fnmesh/core";

/** The file's before the variable's; undefined when neither is given. Throws USAGE. */
export function takeToken(
  file: string | undefined,
  environment: NodeJS.ProcessEnv,
  variable: string,
): string | undefined {
  const inherited = environment[variable];
  delete environment[variable];
  const given = file === undefined ? inherited : readToken(file);
  return given === "" ? undefined : given;
}

function readToken(file: string): string {
  try {
    const token = readFileSync(file, "utf8").trim();
    if (token !== "") return token;
  } catch (cause) {
    const { message } = cause as Error;
    throw new FnmeshError("USAGE", `the token file cannot be read: ${message}`, {
      cause,
      hint: "Name a file that holds the token and that you may read.",
    });
  }
  throw new FnmeshError("USAGE", `the token file ${file} is empty`, {
    hint: `Make a token: openssl rand -base64 24 > ${file}`,
  });
}
