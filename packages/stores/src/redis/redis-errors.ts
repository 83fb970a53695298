// What Redis's refusals mean for a job.

import { FnmeshError } from "@fnmesh/core";
import type { RespError } from "./resp.ts";

/** It passes: the same command may succeed on a new connection. `MOVED`: another node of the cluster has the job's keys. */
const passing: ReadonlySet<string> = new Set([
  "LOADING",
  "READONLY",
  "MASTERDOWN",
  "CLUSTERDOWN",
  "TRYAGAIN",
  "MOVED",
  "ASK",
  "BUSY",
]);
const refusals: ReadonlySet<string> = new Set(["WRONGPASS", "NOAUTH", "NOPERM", "DENIED"]);

const kindOf = ({ text }: RespError): string => text.split(" ", 1)[0]!;

export const isPassing = (error: RespError): boolean =>
  passing.has(kindOf(error)) || /^ERR max number of clients/.test(error.text);

/** Where a cluster keeps the keys that were asked for: `MOVED slot host:port`. An empty host means the same one. */
export function movedTo({ text }: RespError): { readonly host: string; readonly port: number } | undefined {
  const found = /^(?:MOVED|ASK) \d+ (.*):(\d+)$/.exec(text);
  return found === null ? undefined : { host: found[1]!, port: Number(found[2]) };
}

/** Servers quote unknown commands with what followed them: our data, or worse. */
const withoutQuotes = (text: string): string => text.replace(/, with args.*/s, "").slice(0, 200);

/** `shown` is the server's address. */
export function refusalOf(error: RespError, shown: string): FnmeshError {
  const kind = kindOf(error);
  if (refusals.has(kind)) {
    const what =
      kind === "NOPERM" ? `refuses a command: ${withoutQuotes(error.text)}` : "refuses these credentials";
    return new FnmeshError("STORE_AUTH", `Redis at ${shown} ${what}`, {
      hint: "Check user and password; fnmesh needs the keys fnmesh:* and the commands of docs/ARCHITECTURE.md.",
    });
  }
  if (kind === "OOM") {
    return new FnmeshError("STORE_FULL", `Redis at ${shown} has no memory left`, {
      hint: "Raise its maxmemory, use fewer workers at once, or name another way after redis in --channel.",
    });
  }
  return new FnmeshError("STORE_UNAVAILABLE", `Redis at ${shown} says: ${withoutQuotes(error.text)}`);
}

/** What AUTH and SELECT were answered with; the server's text may repeat what was sent. */
export function entryRefusalOf(step: "auth" | "select", error: RespError, shown: string): FnmeshError {
  if (step === "select" && !refusals.has(kindOf(error))) {
    return new FnmeshError("INVALID_ARGUMENT", `Redis at ${shown} does not have the database of the URL`);
  }
  return new FnmeshError("STORE_AUTH", `Redis at ${shown} refuses these credentials`, {
    hint: "Check user and password of the Redis URL; without a user, the password is the default user's.",
  });
}

export const unreachable = (shown: string, cause: Error): FnmeshError =>
  cause instanceof FnmeshError
    ? cause
    : new FnmeshError("STORE_UNAVAILABLE", `Redis at ${shown} cannot be reached: ${cause.message}`, {
        cause,
        hint: "Is it running, and may these workers connect to it?",
      });

export const lostData = (shown: string, what: string): FnmeshError =>
  new FnmeshError("STORE_LOST", `Redis at ${shown} has lost ${what}`, {
    hint: "It was restarted or flushed, or it evicts keys: use a server whose maxmemory-policy is noeviction.",
  });
