// How an error becomes an HTTP answer: one table from codes to statuses, one form of body for all of them:
// { "error": { "code", "message", "hint"? } }.

import { type ErrorCode, FnmeshError } from "@fnmesh/core";
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** What only HTTP knows of, beside fnmesh's own codes. */
const httpStatuses = {
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  UNSUPPORTED_MEDIA_TYPE: 415,
  /** A browser's request from another site, or under a name that is not this server's. */
  FORBIDDEN: 403,
  BAD_REQUEST: 400,
  TIMEOUT: 408,
  HEADERS_TOO_LARGE: 431,
  BODY_TOO_LARGE: 413,
  NOT_ENDED: 409,
  NO_OUTPUT: 404,
  GONE: 410,
  TOO_MANY: 503,
  SPOOL_FULL: 507,
  DRAINING: 503,
} as const satisfies Record<string, ContentfulStatusCode>;

const errorStatuses = {
  USAGE: 400,
  INPUT_NOT_FOUND: 400,
  INPUT_UNREADABLE: 400,
  OUTPUT_UNWRITABLE: 500,
  JOB_NOT_FOUND: 404,
  JOB_COMPILE: 400,
  JOB_INVALID: 400,
  LIMIT: 400,
  UNKNOWN_NAT_PROFILE: 400,
  UNKNOWN_PROVIDER: 400,
  UNKNOWN_CHANNEL: 400,
  INVALID_ARGUMENT: 400,
  PORT_IN_USE: 500,
  ORCHESTRATOR_UNAVAILABLE: 503,
  PROVIDER_UNAVAILABLE: 503,
  LAB_UNAVAILABLE: 503,
  LAB_SELF_TEST: 503,
  NOT_DEPLOYED: 503,
  DEPLOY_FAILED: 502,
  PLATFORM_AUTH: 502,
  THROTTLED: 503,
  INIT_FAILED: 502,
  LAUNCH_FAILED: 502,
  JOIN_TIMEOUT: 504,
  JOB_THREW: 500,
  WORKER_LOST: 500,
  WORKER_TIMEOUT: 504,
  OUT_OF_MEMORY: 500,
  CANCELLED: 409,
  STORE_UNAVAILABLE: 502,
  STORE_AUTH: 502,
  STORE_FULL: 507,
  STORE_LOST: 502,
  PEER_LOST: 500,
  PEER_FINISHED: 500,
  NO_PATH: 500,
  DEADLINE: 504,
  CLOSED: 503,
  MESSAGE_TOO_LARGE: 413,
  NOT_SERIALIZABLE: 400,
  PROTOCOL: 500,
  FRAME_TOO_LARGE: 413,
  TRUNCATED: 500,
  VERSION: 500,
  AUTH: 401,
  DUPLICATE: 409,
  INTERNAL: 500,
} as const satisfies Record<ErrorCode, ContentfulStatusCode>;

const statuses = { ...errorStatuses, ...httpStatuses };
export type HttpErrorCode = keyof typeof statuses;

export const httpStatus = (code: HttpErrorCode): ContentfulStatusCode => statuses[code];

interface HttpErrorDetails {
  readonly hint?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer other than success, thrown by a route. */
export class HttpError extends Error {
  readonly code: HttpErrorCode;
  readonly hint: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: HttpErrorCode, message: string, { hint, headers = {} }: HttpErrorDetails = {}) {
    super(message);
    this.code = code;
    this.hint = hint;
    this.headers = headers;
  }
}

const notOurs = new HttpError("INTERNAL", "the orchestrator could not answer", {
  hint: "Its log has the cause.",
});

/** Only errors that were meant for the client keep their words: any other might name what it should not know. */
export function toHttpError(thrown: unknown): HttpError {
  if (thrown instanceof HttpError) return thrown;
  if (!(thrown instanceof FnmeshError) || thrown.code === "INTERNAL") return notOurs;
  return new HttpError(thrown.code, thrown.message, thrown.hint === undefined ? {} : { hint: thrown.hint });
}

export const errorBody = ({ code, message, hint }: HttpError) => ({
  error: { code, message, ...(hint === undefined ? {} : { hint }) },
});

export function answerError(c: Context, error: HttpError): Response {
  return c.json(errorBody(error), httpStatus(error.code), error.headers);
}
