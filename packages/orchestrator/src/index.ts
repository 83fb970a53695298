export type * from "./jobs/job.ts";
export type { Orchestrator, OrchestratorOptions, OrchestratorStats } from "./orchestrator.ts";
