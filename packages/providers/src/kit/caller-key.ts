// Who may call a function whose address anybody can reach. The function is given the SHA-256 of a key, which is no secret;
// each invocation brings the key itself. Without it a stranger who knows the address could have any code run there.

import { createHash, timingSafeEqual } from "node:crypto";
import { FnmeshError } from "@fnmesh/core";
import type { Answer } from "./answer.ts";

/** In the deployed function's environment: hex. */
export const callerHashVariable = "FNMESH_CALLER_SHA256";
/** Of a request. */
export const callerHeader = "x-fnmesh-caller";
/** In the environment of whoever deploys and invokes. */
export const callerKeyVariable = "FNMESH_FUNCTION_KEY";

const leastCharacters = 24;

const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest();

export const callerHash = (key: string): string => sha256(key).toString("hex");

/** Undefined where none is set. Throws INVALID_ARGUMENT for one that could be guessed; never shows it. */
export function callerKey(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const { [callerKeyVariable]: key } = environment;
  if (key === undefined || key === "") return undefined;
  if (key.length >= leastCharacters) return key;
  throw new FnmeshError(
    "INVALID_ARGUMENT",
    `${callerKeyVariable} has less than ${leastCharacters} characters`,
    {
      hint: "Make one: openssl rand -base64 24",
    },
  );
}

/** The same where the function's address is public. */
export function requiredCallerKey(environment: Readonly<Record<string, string | undefined>>): string {
  const key = callerKey(environment);
  if (key !== undefined) return key;
  throw new FnmeshError(
    "INVALID_ARGUMENT",
    `${callerKeyVariable} is not set, and the function's address is public`,
    {
      hint: "Make one, and keep it for deploying and running: export FNMESH_FUNCTION_KEY=$(openssl rand -base64 24)",
    },
  );
}

/** What a request brings along, where a key is set. Throws INVALID_ARGUMENT. */
export function callerHeaders(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const key = callerKey(environment);
  return key === undefined ? {} : { [callerHeader]: key };
}

/** Of functions that answer a stranger in fnmesh's own words, as their platform has no status for it. */
export const strangerAnswer: Answer = {
  ok: false,
  error: {
    code: "PLATFORM_AUTH",
    message: "the function takes no calls without the key that it was deployed with",
    hint: `Set ${callerKeyVariable} to that key, or deploy with another one.`,
  },
};

/** For a person: who may call. */
export const callerFact = (hash: string | undefined): string =>
  hash === undefined || hash === "" ? "anybody" : `sha256 ${hash.slice(0, 12)}`;

/** Whether a request may invoke, on the function's side. */
export function mayCall(hash: string | undefined, given: string | string[] | undefined): boolean {
  if (hash === undefined || hash === "") return true;
  if (typeof given !== "string") return false;
  const wanted = Buffer.from(hash, "hex");
  const shown = sha256(given);
  return wanted.length === shown.length && timingSafeEqual(wanted, shown);
}
