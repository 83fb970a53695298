// Options that several commands have, each as commander takes it: the flags, and the help for them.

import { platformNames } from "@fnmesh/providers";

export const jsonOption = ["--json", "print one JSON document on stdout, and nothing else"] as const;
export const configOption = ["--config <file>", "settings; else fnmesh.config.ts here or above"] as const;

export const providerOption = [
  "--provider <name>",
  `a platform: ${platformNames.join(", ")}; else FNMESH_PROVIDER or the file's`,
] as const;
export const stageOption = [
  "--stage <name>",
  "which of the deployments side by side; else FNMESH_STAGE, the file's, or dev",
] as const;

export const orchestratorOption = [
  "--orchestrator <url>",
  "run it there, over its HTTP API; else FNMESH_ORCHESTRATOR or the settings'",
] as const;
export const apiTokenOption = [
  "--token-file <file>",
  "holds that API's token; else FNMESH_TOKEN does",
] as const;
