export { type LocalProviderOptions, localProvider } from "./local-provider.ts";
export type { WarmLimits } from "./warm-pool.ts";
