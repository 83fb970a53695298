// The door for who runs jobs on an orchestrator elsewhere, over its HTTP API. It loads no server.

export type { OrchestratorInfo } from "../api/info.ts";
export type { JobSubmission } from "../api/job-request.ts";
export {
  type ClientOptions,
  connectOrchestrator,
  type OrchestratorClient,
  type Upload,
} from "./client.ts";
export type { RemoteJob } from "./remote-job.ts";
