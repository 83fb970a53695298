// Who one is in Oracle's cloud: a profile of ~/.oci/config, as its own commands and SDKs keep it
// (docs.oracle.com/iaas/Content/API/Concepts/sdkconfig.htm), with the OCI_CLI_ variables over it.

import { createPrivateKey, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { FnmeshError } from "@fnmesh/core";
import type { PlatformSession } from "../platform.ts";

export interface Identity {
  readonly region: string;
  /** "tenancy/user/fingerprint". */
  readonly keyId: string;
  readonly key: KeyObject;
}

type Environment = PlatformSession["environment"];

/** Rejects with PLATFORM_AUTH that says what is missing. */
export async function findIdentity(profile: string, environment: Environment): Promise<Identity> {
  const { HOME = "", OCI_CLI_CONFIG_FILE } = environment;
  const path = OCI_CLI_CONFIG_FILE || join(HOME, ".oci", "config");
  const text = await readFile(path, "utf8").catch(() => ""); // Everything may be in the variables.
  const kept = profileOf(text, profile);
  const value = (name: string): string => {
    const found = environment[`OCI_CLI_${name.toUpperCase()}`] || kept.get(name);
    if (found !== undefined) return found;
    throw missing(`${name} is not in the profile ${profile} of ${path}`);
  };
  const region = value("region");
  const keyId = [value("tenancy"), value("user"), value("fingerprint")].join("/");
  const keyFile = value("key_file").replace(/^~(?=\/)/, HOME);
  const pem = await readFile(keyFile, "utf8").catch(() => {
    throw missing(`the key ${keyFile} cannot be read`);
  });
  return { region, keyId, key: keyOf(pem, kept.get("pass_phrase"), keyFile) };
}

function keyOf(pem: string, passphrase: string | undefined, path: string): KeyObject {
  try {
    return createPrivateKey({ key: pem, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch {
    // The reason could quote the key.
    throw missing(`the key ${path} is none, or its pass phrase is wrong`);
  }
}

const missing = (what: string) =>
  new FnmeshError("PLATFORM_AUTH", `Oracle's cloud: ${what}`, {
    hint: "Run `oci setup config`, or set oracle.profile to a profile that is there.",
  });

/** Sections in brackets, with lines of `name = value`. */
function profileOf(text: string, profile: string): ReadonlyMap<string, string> {
  const kept = new Map<string, string>();
  let section = "";
  for (const line of text.split("\n")) {
    section = /^\s*\[(.+)\]\s*$/.exec(line)?.[1] ?? section;
    const [, name, value] = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (section === profile && name !== undefined) kept.set(name, value!);
  }
  return kept;
}
