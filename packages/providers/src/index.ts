// The door to all platforms: each is loaded when it is asked for, and brings no SDK before it is opened.

import type { Platform, PlatformName } from "./platform.ts";

export * from "./kit/deployment.ts";
export type {
  Needs,
  Platform,
  PlatformLimits,
  PlatformName,
  PlatformSession,
} from "./platform.ts";
export { platformNames } from "./platform.ts";
export type { PlatformSections } from "./sections.ts";

/**
 * By name.
 *
 * @example
 * const platform = await platforms.openfaas();
 * console.log(platform.limits.memoryMb.most);
 */
export const platforms: Readonly<Partial<Record<PlatformName, () => Promise<Platform>>>> = {
  aws: async () => (await import("./aws/index.ts")).aws as Platform,
  azure: async () => (await import("./azure/index.ts")).azure as Platform,
  google: async () => (await import("./google/index.ts")).google as Platform,
  ibm: async () => (await import("./ibm/index.ts")).ibm as Platform,
  knative: async () => (await import("./knative/index.ts")).knative as Platform,
  kubeless: async () => (await import("./kubeless/index.ts")).kubeless as Platform,
  openfaas: async () => (await import("./openfaas/index.ts")).openfaas as Platform,
  openwhisk: async () => (await import("./openwhisk/index.ts")).openwhisk as Platform,
  oracle: async () => (await import("./oracle/index.ts")).oracle as Platform,
};
