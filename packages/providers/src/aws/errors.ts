// What AWS's errors mean here. Messages about credentials are not passed on: those about signatures have the request's
// headers in them, and so a session's token.

import { type ErrorCode, FnmeshError } from "@fnmesh/core";

const denied = "denied";
const refused = "refused";
const expired = "expired";
const missing = "missing";
type Trouble = typeof denied | typeof refused | typeof expired | typeof missing;

/** Of all three services, and of the SDK itself, by the error's name. */
const troubles: Readonly<Record<string, Trouble>> = {
  AccessDenied: denied,
  AccessDeniedException: denied,
  AuthorizationError: denied,
  UnauthorizedOperation: denied,
  OptInRequired: denied,
  UnrecognizedClientException: refused,
  InvalidClientTokenId: refused,
  InvalidSignatureException: refused,
  SignatureDoesNotMatch: refused,
  IncompleteSignature: refused,
  IncompleteSignatureException: refused,
  MissingAuthenticationToken: refused,
  MissingAuthenticationTokenException: refused,
  NotAuthorized: refused,
  ExpiredToken: expired,
  ExpiredTokenException: expired,
  RequestExpired: expired,
  CredentialsProviderError: missing,
  TokenProviderError: missing,
};

const troubleHints: Readonly<Record<Trouble, string>> = {
  denied: "Let whoever does this have that right: docs/providers/aws.md has both policies.",
  refused:
    "Look at AWS_PROFILE, AWS_ACCESS_KEY_ID and the machine's clock: AWS does not know these credentials.",
  expired: "Sign in again (`aws sso login`), or take new keys.",
  missing: "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in: aws sso login.",
};

const codes: Readonly<Record<string, ErrorCode>> = {
  TooManyRequestsException: "THROTTLED",
  ThrottlingException: "THROTTLED",
  Throttling: "THROTTLED",
  ThrottledException: "THROTTLED",
  RequestLimitExceeded: "THROTTLED",
  SlowDown: "THROTTLED",
  EC2ThrottledException: "THROTTLED",
  LimitExceeded: "LIMIT",
  LimitExceededException: "LIMIT",
  CodeStorageExceededException: "LIMIT",
  ServiceQuotaExceededException: "LIMIT",
  ENILimitReachedException: "LIMIT",
  RequestTooLargeException: "LIMIT",
  RequestEntityTooLargeException: "LIMIT",
  SerializedRequestEntityTooLargeException: "LIMIT",
  ServiceException: "PROVIDER_UNAVAILABLE",
  ServiceFailureException: "PROVIDER_UNAVAILABLE",
  ServiceFailure: "PROVIDER_UNAVAILABLE",
  ServiceUnavailableException: "PROVIDER_UNAVAILABLE",
  InternalFailure: "PROVIDER_UNAVAILABLE",
};

const hints: Readonly<Partial<Record<ErrorCode, string>>> = {
  THROTTLED:
    "AWS takes no more at this rate: wait a little, or ask for a higher quota (Service Quotas, Lambda).",
  LIMIT: "A quota of the AWS account is used up: docs/providers/aws.md says which there are.",
  PROVIDER_UNAVAILABLE: "AWS did not answer: try again; health.aws.amazon.com tells of its own troubles.",
  DEPLOY_FAILED: "Mend what AWS says, and do the same again: what was done already stays.",
  LAUNCH_FAILED: "Look at the function in AWS's console, or deploy it again: fnmesh deploy --provider aws.",
};

interface Told {
  readonly name: string;
  readonly message: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** AWS's name for what went wrong, such as ResourceNotFoundException. */
export const nameOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.name : "");

/**
 * What was thrown by a request for `action` ("lambda:CreateFunction"), as fnmesh's error: PLATFORM_AUTH, THROTTLED,
 * LIMIT, PROVIDER_UNAVAILABLE, or `otherwise`.
 */
export function awsError(
  action: string,
  thrown: unknown,
  otherwise: ErrorCode = "DEPLOY_FAILED",
): FnmeshError {
  if (thrown instanceof FnmeshError) return thrown;
  const told = thrown as Told;
  const trouble = troubles[told.name] ?? troubleByStatus(told);
  if (trouble !== undefined) return authError(action, trouble, told.message);
  const code = codes[told.name] ?? codeByStatus(told, otherwise);
  const hint = hints[code];
  return new FnmeshError(code, `${action}: ${told.message || told.name}`, {
    cause: thrown,
    ...(hint === undefined ? {} : { hint }),
  });
}

function troubleByStatus({ $metadata }: Told): Trouble | undefined {
  const status = $metadata?.httpStatusCode;
  if (status === 401) return refused;
  return status === 403 ? denied : undefined;
}

function codeByStatus({ name, $metadata }: Told, otherwise: ErrorCode): ErrorCode {
  const status = $metadata?.httpStatusCode;
  if (status === 429) return "THROTTLED";
  if (status === 413) return "LIMIT";
  // Without a status there was no answer: the connection failed, or the time was over.
  const silent = status === undefined && !/^(TypeError|ValidationError|SerializationException)$/.test(name);
  return silent || (status ?? 0) >= 500 ? "PROVIDER_UNAVAILABLE" : otherwise;
}

/** In AWS's words on what is denied, the right and what it is for; an ARN is no secret. */
const notAuthorized = /not authorized to perform:? (\S+?)(?: on resource:? "?([^\s"]+))?(?:[\s,.]|$)/;

function authError(action: string, trouble: Trouble, message: string): FnmeshError {
  const hint = troubleHints[trouble];
  if (trouble === missing) return new FnmeshError("PLATFORM_AUTH", `no credentials for ${action}`, { hint });
  if (trouble !== denied) {
    return new FnmeshError("PLATFORM_AUTH", `AWS takes these credentials for ${action} not: ${trouble}`, {
      hint,
    });
  }
  const [, right = action, resource] = notAuthorized.exec(message ?? "") ?? [];
  const what = resource === undefined ? right : `${right} on ${resource}`;
  return new FnmeshError("PLATFORM_AUTH", `AWS denies ${what}`, { hint });
}

/** A name under which somebody else has something. */
export const nameTaken = (kind: string, name: string): FnmeshError =>
  new FnmeshError("DEPLOY_FAILED", `there is a ${kind} ${name} already, and fnmesh has not made it`, {
    hint: "Choose another --stage, or remove it yourself if nothing needs it.",
  });
