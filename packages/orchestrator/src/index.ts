export { createOrchestrator } from "./create-orchestrator.ts";
export * from "./input/index.ts";
export type * from "./jobs/job.ts";
export type { Orchestrator, OrchestratorOptions, OrchestratorStats } from "./orchestrator.ts";
export * from "./output/index.ts";
export { type RelayServer, type RelayServerOptions, startRelay } from "./relay/server/start-relay.ts";
export { ladderOf } from "./routing/ladder.ts";
export type { PairFacts, Policy, WayFacts } from "./routing/policy.ts";
export { defaultPolicy } from "./routing/policy.ts";
