// One request to AWS: called off by the signal, its errors as fnmesh's, those that are expected as answers.

import type { ErrorCode } from "@fnmesh/core";
import { awsError, nameOf } from "./errors.ts";

export interface AwsRequest<Answer> {
  /** As IAM names the right: "lambda:CreateFunction". */
  readonly action: string;
  readonly signal: AbortSignal;
  /** Errors by AWS's name that say something: what they come to. May throw something better. */
  readonly expected?: Readonly<Record<string, (thrown: Error) => Answer>>;
  /** The code of what is in no table. Default: DEPLOY_FAILED. */
  readonly otherwise?: ErrorCode;
}

/**
 * Rejects with the signal's reason, or as `awsError` has it.
 *
 * @example
 * const role = await ask({ action: "iam:GetRole", signal, expected: { NoSuchEntityException: () => undefined } }, (options) =>
 *   iam.getRole({ RoleName }, options),
 * );
 */
export async function ask<Answer>(
  { action, signal, expected = {}, otherwise }: AwsRequest<Answer>,
  request: (options: { readonly abortSignal: AbortSignal }) => Promise<Answer>,
): Promise<Answer> {
  signal.throwIfAborted();
  try {
    return await request({ abortSignal: signal });
  } catch (thrown) {
    signal.throwIfAborted();
    const known = expected[nameOf(thrown)];
    if (known !== undefined) return known(thrown as Error);
    throw awsError(action, thrown, otherwise);
  }
}

/** What is not there. */
export const absent = (): undefined => undefined;
