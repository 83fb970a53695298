// Tokens come from a file, the environment or systemd's credentials, never from the arguments: those are everyone's to
// read. Workers inherit the environment, so what is read there is taken out of it.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FnmeshError } from "@fnmesh/core";

/** Where systemd puts the files of `LoadCredential=`, readable by the service alone. */
const credentials = "CREDENTIALS_DIRECTORY";

/**
 * The file's, else the variable's, else that of the service's credential (of `FNMESH_TOKEN`: `fnmesh-token`); undefined
 * when none is given. Throws USAGE.
 */
export function takeToken(
  file: string | undefined,
  environment: NodeJS.ProcessEnv,
  variable: string,
): string | undefined {
  const inherited = environment[variable];
  delete environment[variable];
  if (file !== undefined) return readToken(file);
  if (inherited !== undefined && inherited !== "") return inherited;
  const credential = credentialOf(variable, environment[credentials]);
  return credential === undefined ? undefined : readToken(credential);
}

function credentialOf(variable: string, folder: string | undefined): string | undefined {
  if (folder === undefined || folder === "") return undefined;
  const file = join(folder, variable.toLowerCase().replaceAll("_", "-"));
  return existsSync(file) ? file : undefined;
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
