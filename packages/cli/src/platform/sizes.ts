// How large a worker is when nobody says so: as what is deployed on the platform. Pure.

import type { Provider } from "@fnmesh/core/internal";
import type { Platform } from "@fnmesh/providers";
import { localSizes } from "../options/run-options.ts";

interface Sizes {
  readonly memoryMb: number;
  readonly timeoutMs: number;
}

/**
 * What was asked for, else what the platform's settings deploy, else the platform's presets. Some platforms refuse any
 * other size than the deployed one.
 */
export function sizesOf(
  asked: { readonly [Size in keyof Sizes]: number | undefined },
  picked: { readonly platform: Pick<Platform, "limits">; readonly settings: unknown } | undefined,
): Sizes {
  const deployed = (picked?.settings ?? {}) as Readonly<Record<string, unknown>>;
  const presets =
    picked === undefined
      ? localSizes
      : {
          memoryMb: picked.platform.limits.memoryMb.preset,
          timeoutMs: picked.platform.limits.timeoutMs.preset,
        };
  const size = (name: keyof Sizes) => {
    const set = deployed[name];
    return asked[name] ?? (typeof set === "number" ? set : presets[name]);
  };
  return { memoryMb: size("memoryMb"), timeoutMs: size("timeoutMs") };
}

/** The provider with these as the presets that it tells. */
export const presetTo = (provider: Provider, { memoryMb, timeoutMs }: Sizes): Provider => ({
  ...provider,
  limits: {
    ...provider.limits,
    memoryMb: { ...provider.limits.memoryMb, preset: memoryMb },
    timeoutMs: { ...provider.limits.timeoutMs, preset: timeoutMs },
  },
});
