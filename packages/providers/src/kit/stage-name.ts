// The name of what belongs to a stage, where the platform takes lower case, digits and hyphens (as Google's and all of
// Kubernetes' names do).

import { FnmeshError } from "@fnmesh/core";

/** RFC 1123, section 2.1: a DNS label. */
const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * `fnmesh-STAGE`. Throws INVALID_ARGUMENT.
 *
 * @example
 * stageName("dev"); // "fnmesh-dev"
 */
export function stageName(stage: string): string {
  const name = `fnmesh-${stage}`;
  if (label.test(name)) return name;
  throw new FnmeshError(
    "INVALID_ARGUMENT",
    `the stage "${stage}" cannot be part of a name on this platform`,
    {
      hint: "Choose a --stage of lower-case letters, digits and hyphens, of 56 characters at most.",
    },
  );
}
