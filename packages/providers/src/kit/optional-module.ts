// npm packages that only some platforms need, and only on the control side: the person who uses the platform installs
// them, and everybody else does without.

import { FnmeshError } from "@fnmesh/core";

/**
 * What `load` imports. Rejects with PROVIDER_UNAVAILABLE that says what to install.
 *
 * @example
 * const { LambdaClient } = await optionalModule("@aws-sdk/client-lambda", () => import("@aws-sdk/client-lambda"));
 */
export async function optionalModule<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw cause;
    throw new FnmeshError("PROVIDER_UNAVAILABLE", `the package ${name} is not installed`, {
      cause,
      hint: `Install it beside fnmesh: npm install ${name}`,
    });
  }
}
