// Who one is on OpenWhisk, and where: from the variables that its own client reads, or from the file that its command
// `wsk` keeps (github.com/apache/openwhisk-cli, "Configure the wsk CLI").

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { FnmeshError } from "@fnmesh/core";
import type { PlatformSession } from "../platform.ts";
import type { OpenWhiskSettings } from "./settings.ts";

export interface Access {
  readonly apihost: string;
  /** "user:password". */
  readonly key: string;
}

/** Rejects with PLATFORM_AUTH where there is no key, or INVALID_ARGUMENT where there is no host. */
export async function findAccess(
  { apihost }: Pick<OpenWhiskSettings, "apihost">,
  environment: PlatformSession["environment"],
): Promise<Access> {
  const { __OW_API_KEY: given } = environment;
  const kept = apihost !== undefined && given ? {} : await keptProperties(environment);
  const host = apihost ?? kept.APIHOST;
  const key = given || kept.AUTH;
  if (host === undefined) {
    throw new FnmeshError("INVALID_ARGUMENT", "it is not said where OpenWhisk is", {
      hint: "Set openwhisk.apihost, or __OW_API_HOST, or run `wsk property set --apihost HOST`.",
    });
  }
  if (key === undefined) {
    throw new FnmeshError("PLATFORM_AUTH", "there is no key for OpenWhisk", {
      hint: "Set __OW_API_KEY, or run `wsk property set --auth KEY`.",
    });
  }
  return { apihost: host, key };
}

/** `~/.wskprops`, or the file that WSK_CONFIG_FILE names: lines of `NAME=value`. */
async function keptProperties(
  environment: PlatformSession["environment"],
): Promise<Readonly<Record<string, string | undefined>>> {
  const { WSK_CONFIG_FILE, HOME } = environment;
  const path = WSK_CONFIG_FILE || (HOME ? join(HOME, ".wskprops") : undefined);
  if (path === undefined) return {};
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw new FnmeshError("PLATFORM_AUTH", `${path} cannot be read: ${error.message}`, {
      cause: error,
      hint: "Look at who may read it.",
    });
  });
  const lines = text.split("\n").map((line) => /^\s*([A-Z]+)\s*=\s*(.+?)\s*$/.exec(line));
  return Object.fromEntries(lines.filter((line) => line !== null).map(([, name, value]) => [name, value]));
}
