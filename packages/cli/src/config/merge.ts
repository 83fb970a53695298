// From what a file and the environment say of stores to what is in force, and where each value comes from. Pure.

import { FnmeshError } from "@fnmesh/core";
import type { S3Access, S3Settings, StoreSettings } from "@fnmesh/stores";
import type { StoresConfig } from "./define-config.ts";
import { type Field, fields, isOwnVariable, type StoreName, shown, storeNames } from "./fields.ts";

export type Source =
  | { readonly kind: "default" }
  | FileSource
  | { readonly kind: "environment"; readonly variable: string }
  | { readonly kind: "flag"; readonly flag: string };

/** `stage`: what the file says for this stage alone. */
export type FileSource = { readonly kind: "file"; readonly file: string; readonly stage?: string };

/** A value that is in force, as it may be shown to anybody. */
export interface Entry {
  /** Its place in the file: `stores.redis.url`. */
  readonly name: string;
  readonly value: string;
  readonly from: Source;
}

export interface Layers {
  readonly file?: StoresFile | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The job's input is in S3, and names its buckets: the service and the credentials have to be known. */
  readonly readsS3?: boolean | undefined;
}

export interface StoresFile {
  readonly name: string;
  readonly stores: StoresConfig;
  /** Of a setting, such as `stores.redis.url`. Absent: no stage has any of its own. */
  readonly sourceOf?: (setting: string) => FileSource;
}

export interface Merged {
  readonly stores: StoreSettings;
  /** Where input in S3 is read. */
  readonly s3?: S3Access;
  readonly entries: readonly Entry[];
  /** Variables whose values are in force: workers must not inherit those that are secret. */
  readonly variables: readonly string[];
}

interface Value {
  readonly text: string;
  readonly from: Source;
}

/** Other S3s mostly do not care, and the signature needs a word. */
const presetRegion = "us-east-1";

/** The environment goes before the file. Throws INVALID_ARGUMENT, which names the field and never its value. */
export function mergeStores(layers: Layers): Merged {
  const wanted = storeNames.filter((store) => isWanted(store, layers));
  const found = wanted.flatMap((store) => valuesOf(store, layers));
  for (const [field, value] of found) checkValue(field, value);
  for (const store of wanted) checkComplete(store, found, layers);
  return {
    ...settingsOf(wanted, found, layers),
    entries: found.map(([field, { text, from }]) => ({
      name: nameOf(field),
      value: shown(field, text),
      from,
    })),
    variables: found.flatMap(([, { from }]) => (from.kind === "environment" ? [from.variable] : [])),
  };
}

type Found = readonly [Field, Value];

const fieldsOf = (store: StoreName) => fields.filter((field) => field.store === store);
const nameOf = ({ store, name }: Field) => `stores.${store}.${name}`;

/** That there are credentials for AWS in the environment says nothing about fnmesh. */
function isWanted(store: StoreName, { file, environment, readsS3 = false }: Layers): boolean {
  if (file?.stores[store] !== undefined || (store === "s3" && readsS3)) return true;
  const own = fieldsOf(store).flatMap(({ variables }) => variables.filter(isOwnVariable));
  return own.some((variable) => isSet(environment[variable]));
}

const isSet = (value: string | undefined): value is string => value !== undefined && value !== "";

function valuesOf(store: StoreName, layers: Layers): Found[] {
  const rows = fieldsOf(store);
  // A session token of one place does not fit the key of another.
  const credentialsHere = rows.some(
    (field) => field.credential && fromEnvironment(field, layers) !== undefined,
  );
  const found = rows.flatMap((field): Found[] => {
    const skipsFile = field.credential && credentialsHere;
    const value = fromEnvironment(field, layers) ?? (skipsFile ? undefined : fromFile(field, layers));
    return value === undefined ? [] : [[field, value]];
  });
  const region = rows.find(({ name }) => name === "region");
  const has = (name: string) => found.some(([field]) => field.name === name);
  if (region === undefined || has("region") || !has("endpoint")) return found;
  return [...found, [region, { text: presetRegion, from: { kind: "default" } }]];
}

function fromEnvironment({ variables }: Field, { environment }: Layers): Value | undefined {
  const variable = variables.find((name) => isSet(environment[name]));
  if (variable === undefined) return undefined;
  return { text: environment[variable]!, from: { kind: "environment", variable } };
}

function fromFile(field: Field, { file }: Layers): Value | undefined {
  const { store, name } = field;
  const text = (file?.stores[store] as Readonly<Record<string, string>> | undefined)?.[name];
  if (file === undefined || !isSet(text)) return undefined;
  return { text, from: file.sourceOf?.(nameOf(field)) ?? { kind: "file", file: file.name } };
}

function checkValue(field: Field, { text, from }: Value): void {
  const problem = field.problem(text);
  if (problem === undefined) return;
  const place = from.kind === "environment" ? from.variable : nameOf(field);
  const where = from.kind === "file" ? ` in ${from.file}` : "";
  throw new FnmeshError("INVALID_ARGUMENT", `${place}${where} ${problem}`, {
    hint: "docs/CONFIG.md says what it takes; `fnmesh config` shows what is in force.",
  });
}

/** Whether all is set that reading objects takes: the bucket is the input's own to name. */
export function hasS3Access(layers: Layers): boolean {
  const found = valuesOf("s3", layers).map(([field]) => field);
  return fieldsOf("s3").every(
    (field) => field.required !== true || field.name === "bucket" || found.includes(field),
  );
}

const inputHint =
  "It takes AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or stores.s3 in fnmesh.config.ts), and FNMESH_S3_ENDPOINT for a service that is not AWS.";

function checkComplete(store: StoreName, found: readonly Found[], { readsS3 = false }: Layers): void {
  const forInput = store === "s3" && readsS3;
  for (const field of fieldsOf(store)) {
    if (!field.required || found.some(([each]) => each === field)) continue;
    if (forInput && field.name === "bucket") continue;
    const why = forInput ? ", and the input is in S3" : "";
    throw new FnmeshError("INVALID_ARGUMENT", `${nameOf(field)} is not set${why}`, {
      hint: forInput ? inputHint : `Set ${field.variables[0]}, or ${nameOf(field)} in fnmesh.config.ts.`,
    });
  }
}

function settingsOf(
  wanted: readonly StoreName[],
  found: readonly Found[],
  { readsS3 = false }: Layers,
): Pick<Merged, "stores" | "s3"> {
  const of = (store: StoreName) =>
    Object.fromEntries(
      found.flatMap(([field, { text }]) => (field.store === store ? [[field.name, text]] : [])),
    );
  // Whole, as `checkComplete` has seen.
  const url = (store: StoreName) => of(store) as { url: string; ca?: string };
  const { bucket, ...s3 } = of("s3") as unknown as S3Access & Partial<S3Settings>;
  const settings = { ...s3, bucket };
  const stores = {
    ...(wanted.includes("redis") ? { redis: url("redis") } : {}),
    ...(wanted.includes("memcached") ? { memcached: url("memcached") } : {}),
    ...(bucket === undefined ? {} : { "s3-naive": settings, "s3-combined": settings }),
  } as StoreSettings;
  return { stores, ...(readsS3 ? { s3 } : {}) };
}
