// The HTTP API's door, apart from the orchestrator's own: who runs one job needs none of what this loads.

export { type Api, type ApiOptions, createApi } from "./api.ts";
export { leastTokenCharacters } from "./auth.ts";
export type { TlsFiles } from "./certificate.ts";
export type { ApiSource, ApiSources } from "./job-input.ts";
export { type ApiLimits, apiLimits } from "./limits.ts";
