// The settings of stores, one row for each: its place in the file, its variables, what it may be, what of it is secret.
// Pure data.

/** Stores as a user sets them; both layouts of S3 use the same one. */
export const storeNames = ["redis", "memcached", "s3"] as const;
export type StoreName = (typeof storeNames)[number];

export interface Field {
  readonly store: StoreName;
  readonly name: string;
  /** The first of these that is set counts. */
  readonly variables: readonly string[];
  /** What is wrong with a value, in words that do not hold it. */
  readonly problem: (value: string) => string | undefined;
  /** `all`: nothing of it is shown. `password`: it is a URL, shown without its password. */
  readonly secret?: "all" | "password";
  readonly required?: boolean;
  /** Belongs to the proof of who asks: comes from one place together with the others of it. */
  readonly credential?: boolean;
}

const urlOf = (...schemes: readonly string[]) => {
  const wanted = schemes.map((scheme) => `${scheme}//`).join(" or ");
  return (value: string) => {
    const url = parsedUrl(value);
    if (url === undefined) return `is no URL: it begins with ${wanted} and a host`;
    if (!schemes.includes(url.protocol)) return `does not begin with ${wanted}`;
    if (url.hostname === "") return "names no host";
    return url.search === "" && url.hash === ""
      ? undefined
      : "has options (? or #) that fnmesh does not know";
  };
};

const redisUrl = urlOf("redis:", "rediss:");
const redisProblem = (value: string) =>
  redisUrl(value) ??
  (/^(?:\/\d{0,5})?$/.test(new URL(value).pathname) ? undefined : "has a database that is no number");

const memcachedUrl = urlOf("memcached:");

function memcachedProblem(value: string): string | undefined {
  const problem = memcachedUrl(value);
  if (problem !== undefined) return problem;
  const { username, password, pathname } = new URL(value);
  if (username !== "" || password !== "")
    return "has a user or a password: fnmesh does not log in to Memcached";
  return pathname === "" || pathname === "/" ? undefined : "has a path";
}

/** Of an HTTP service's address. */
export function endpointProblem(value: string): string | undefined {
  const problem = urlOf("https:", "http:")(value);
  if (problem !== undefined) return problem;
  const { username, password } = new URL(value);
  return username === "" && password === "" ? undefined : "holds credentials: they have fields of their own";
}

const form = (pattern: RegExp, words: string) => (value: string) =>
  pattern.test(value) ? undefined : `is not ${words}`;
const text = form(/^[\x21-\x7e]+$/, "printable text without spaces");

export const fields: readonly Field[] = [
  {
    store: "redis",
    name: "url",
    variables: ["FNMESH_REDIS_URL"],
    problem: redisProblem,
    secret: "password",
    required: true,
  },
  {
    store: "redis",
    name: "ca",
    variables: [],
    problem: form(/^-----BEGIN CERTIFICATE-----\s/m, "certificates as PEM"),
    // No secret, but nothing that a person would read either.
    secret: "all",
  },
  {
    store: "memcached",
    name: "url",
    variables: ["FNMESH_MEMCACHED_URL"],
    problem: memcachedProblem,
    secret: "password",
    required: true,
  },
  { store: "s3", name: "endpoint", variables: ["FNMESH_S3_ENDPOINT"], problem: endpointProblem },
  {
    store: "s3",
    name: "bucket",
    variables: ["FNMESH_S3_BUCKET"],
    problem: form(/^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/, "a bucket's name"),
    required: true,
  },
  {
    store: "s3",
    name: "region",
    variables: ["AWS_REGION", "AWS_DEFAULT_REGION"],
    problem: form(/^[a-z0-9-]{1,64}$/, "a region's name, such as eu-central-1"),
    required: true,
  },
  {
    store: "s3",
    name: "accessKeyId",
    variables: ["AWS_ACCESS_KEY_ID"],
    problem: text,
    secret: "all",
    required: true,
    credential: true,
  },
  {
    store: "s3",
    name: "secretAccessKey",
    variables: ["AWS_SECRET_ACCESS_KEY"],
    problem: text,
    secret: "all",
    required: true,
    credential: true,
  },
  {
    store: "s3",
    name: "sessionToken",
    variables: ["AWS_SESSION_TOKEN"],
    problem: text,
    secret: "all",
    credential: true,
  },
];

/** Variables that are fnmesh's own: that one of a store is set means that the store is wanted. */
export const isOwnVariable = (name: string): boolean => name.startsWith("FNMESH_");

/** What may be shown of a value. */
export function shown({ secret }: Pick<Field, "secret">, value: string): string {
  if (secret === undefined) return value;
  const url = secret === "password" ? parsedUrl(value) : undefined;
  if (url === undefined) return mask;
  if (url.password !== "") url.password = mask;
  return url.href;
}

const mask = "***";

function parsedUrl(value: string): URL | undefined {
  try {
    return new URL(value);
  } catch {
    return undefined;
  }
}
