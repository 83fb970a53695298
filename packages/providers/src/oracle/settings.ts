// The settings of Oracle Functions, and of Fn, which it is made of: where the API is, and what the function has.

import { FnmeshError } from "@fnmesh/core";
import { callerHash, callerKey } from "../kit/caller-key.ts";
import { type Fields, fieldsOf } from "../kit/fields.ts";
import { imageOf } from "../kit/image.ts";
import type { Platform } from "../platform.ts";
import { limits, memorySizesMb } from "./limits.ts";

/** Where Oracle's cloud keeps the application. */
export interface Place {
  readonly compartmentId: string;
  readonly subnetIds: readonly string[];
}

/** The section `oracle` of fnmesh.config.ts: docs/providers/oracle.md. */
export interface OracleSection {
  /** Oracle's cloud wants both; an Fn server neither. */
  readonly compartmentId?: string | undefined;
  readonly subnetIds?: readonly string[] | undefined;
  /** Of the API. Absent: FN_API_URL or `http://127.0.0.1:8080`; on Oracle's cloud that of the region in ~/.oci/config. */
  readonly url?: string | undefined;
  /** Of ~/.oci/config. Absent: OCI_CLI_PROFILE, or `DEFAULT`. */
  readonly profile?: string | undefined;
  /** Has to be set: the function's image, in a registry that the platform can read. */
  readonly image?: string | undefined;
  /** A size that Oracle's functions have. */
  readonly memoryMb?: number | undefined;
  readonly timeoutMs?: number | undefined;
}

export interface OracleSettings {
  /** Oracle's cloud; undefined: an Fn server. */
  readonly place: Place | undefined;
  /** Of the API; undefined: that of the region in ~/.oci/config. */
  readonly url: string | undefined;
  /** Of ~/.oci/config. */
  readonly profile: string;
  /** The application. */
  readonly name: string;
  readonly stage: string;
  readonly image: string;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  /**
   * On an Fn server: SHA-256 of the key without which nobody may call the function; undefined: everybody may who reaches
   * it. Oracle's cloud takes signed calls alone.
   */
  readonly callerHash: string | undefined;
}

export const oracleSettings: Platform<OracleSettings>["settings"] = (section, { stage, environment }) => {
  const fields = fieldsOf<OracleSection>("oracle", section);
  const { least, most, preset } = limits.memoryMb;
  const place = placeOf(fields);
  const key = place === undefined ? callerKey(environment) : undefined;
  const given = fields.optionalText("url") === undefined ? undefined : fields.url("url");
  const settings: OracleSettings = {
    place,
    url: given ?? (place === undefined ? environment.FN_API_URL || "http://127.0.0.1:8080" : undefined),
    profile: fields.text("profile", environment.OCI_CLI_PROFILE || "DEFAULT"),
    name: `fnmesh-${stage}`,
    stage,
    image: imageOf(fields.optionalText("image"), "oracle"),
    memoryMb: fields.count("memoryMb", { least, most, preset }),
    timeoutMs: fields.count("timeoutMs", { least: 5_000, ...limits.timeoutMs }),
    callerHash: key === undefined ? undefined : callerHash(key),
  };
  fields.end();
  if (!memorySizesMb.includes(settings.memoryMb)) {
    throw new FnmeshError("INVALID_ARGUMENT", `oracle.memoryMb is none of ${memorySizesMb.join(", ")}`);
  }
  return settings;
};

function placeOf(fields: Fields<OracleSection>): Place | undefined {
  const compartmentId = fields.optionalText("compartmentId");
  const subnetIds = fields.texts("subnetIds");
  if (compartmentId === undefined && subnetIds.length === 0) return undefined;
  if (compartmentId !== undefined && subnetIds.length > 0) return { compartmentId, subnetIds };
  const missing = compartmentId === undefined ? "compartmentId" : "subnetIds";
  throw new FnmeshError("INVALID_ARGUMENT", `oracle.${missing} is not set`, {
    hint: "Oracle's cloud wants both compartmentId and subnetIds; an Fn server neither.",
  });
}
