// What S3's answers mean. The bodies are XML of a fixed, flat form: a few expressions find what is needed. Nothing of an
// error's text is shown but its code: some services repeat there what was signed, and with what.

import { FnmeshError } from "@fnmesh/core";
import { PassingFailure } from "../retry.ts";
import type { HttpAnswer } from "./http.ts";

export const isGood = ({ status }: HttpAnswer): boolean => status >= 200 && status < 300;

export function textsOf(xml: string, element: string): string[] {
  return [...xml.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, "g"))].map(([, text]) =>
    decoded(text!),
  );
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

const decoded = (text: string): string =>
  text.replace(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (whole, name: string) => {
    if (!name.startsWith("#")) return entities[name] ?? whole;
    return String.fromCodePoint(name[1] === "x" ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1)));
  });

export const errorCodeOf = ({ body }: HttpAnswer): string =>
  /^\w{1,64}$/.exec(textsOf(Buffer.from(body).toString(), "Code")[0] ?? "")?.[0] ?? "";

/** The store's clock and ours are too far apart for it to take our signature. */
export const isSkewed = (answer: HttpAnswer): boolean =>
  answer.status === 403 && errorCodeOf(answer) === "RequestTimeTooSkewed";

/** There is no such object, in a bucket that is there. */
export const isNotThere = (answer: HttpAnswer): boolean =>
  answer.status === 404 && errorCodeOf(answer) !== "NoSuchBucket";

const throttled: ReadonlySet<string> = new Set([
  "SlowDown",
  "ServiceUnavailable",
  "TooManyRequests",
  "Throttling",
]);
const passing: ReadonlySet<string> = new Set(["InternalError", "RequestTimeout", "OperationAborted"]);
const full: ReadonlySet<string> = new Set(["QuotaExceeded", "InsufficientStorage", "InsufficientCapacity"]);
const keys: ReadonlySet<string> = new Set([
  "AccessDenied",
  "AllAccessDisabled",
  "ExpiredToken",
  "InvalidAccessKeyId",
  "InvalidToken",
  "RequestTimeTooSkewed",
  "SignatureDoesNotMatch",
  "TokenRefreshRequired",
]);

const hintsOfKeys: Readonly<Record<string, string>> = {
  AccessDenied: "The key needs s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket on this bucket.",
  SignatureDoesNotMatch: "AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID.",
  InvalidAccessKeyId: "The service does not know AWS_ACCESS_KEY_ID: is it one of this endpoint's?",
  ExpiredToken: "AWS_SESSION_TOKEN has run out: get new keys.",
  RequestTimeTooSkewed: "Set this machine's clock.",
};

/** `where`: the bucket's address. Made for answers that are not good. */
export function failureOf(answer: HttpAnswer, where: string): FnmeshError | PassingFailure {
  const { status } = answer;
  const code = errorCodeOf(answer);
  const told = `${where} answered ${status}${code === "" ? "" : ` ${code}`}`;
  if (full.has(code) || status === 507) {
    return new FnmeshError("STORE_FULL", told, { hint: "Free room in the bucket, or raise its quota." });
  }
  if (throttled.has(code) || status === 503 || status === 429) return passingFailure("throttled", told);
  if (passing.has(code) || status >= 500) return passingFailure("broken", told);
  if (keys.has(code) || status === 401 || (status === 403 && code === "")) {
    const hint = hintsOfKeys[code] ?? "Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.";
    return new FnmeshError("STORE_AUTH", told, { hint });
  }
  return otherFailure(status, code, told);
}

function otherFailure(status: number, code: string, told: string): FnmeshError {
  if (code === "NoSuchKey" || status === 416 || (status === 404 && code !== "NoSuchBucket")) {
    return new FnmeshError("STORE_LOST", `${told}: the object is gone`, {
      hint: "Something removes objects below fnmesh/ while jobs run: a lifecycle rule, or another clean-up.",
    });
  }
  if (code === "NoSuchBucket") {
    return new FnmeshError("STORE_UNAVAILABLE", told, {
      hint: "Create the bucket, or set FNMESH_S3_BUCKET.",
    });
  }
  if (code === "AuthorizationHeaderMalformed" || code === "PermanentRedirect" || status === 301) {
    return new FnmeshError("STORE_UNAVAILABLE", told, { hint: "Set AWS_REGION to the bucket's region." });
  }
  return new FnmeshError("STORE_UNAVAILABLE", told);
}

function passingFailure(kind: "throttled" | "broken", told: string): PassingFailure {
  const hint =
    kind === "throttled"
      ? "The service takes fewer requests than this job sends: use fewer workers, or larger objects (the channel s3-combined)."
      : "Is the service well?";
  return new PassingFailure(kind, new FnmeshError("STORE_UNAVAILABLE", told, { hint }));
}

/** What the network said, of a request that was not answered. */
export function brokenBy(cause: unknown, where: string): PassingFailure {
  const text = cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : "";
  const hint = "Is the address right, and the service running and reachable from the workers?";
  const message = `${where} did not answer (${text})`;
  return new PassingFailure("broken", new FnmeshError("STORE_UNAVAILABLE", message, { cause, hint }));
}
