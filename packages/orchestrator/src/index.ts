export type * from "./jobs/job.ts";
export type { Orchestrator, OrchestratorOptions } from "./orchestrator.ts";
