// The part of the command line's grammar that is about platforms: what is deployed there.

import type { Command } from "commander";
import type { RawDeploymentOptions } from "./deployment/open-deployment.ts";
import { configOption, jsonOption, providerOption, stageOption } from "./options/shared-options.ts";
import type { Commands } from "./program.ts";

const deployExamples = `
Examples:
  $ fnmesh diff --provider aws
  $ fnmesh deploy --provider aws --stage prod
  $ fnmesh status --provider aws --stage prod --json | jq .state

What is interrupted can be repeated: what is as it shall be is left alone.
Exit codes: 0 done, 2 bad usage or settings, 3 the platform refused or does not answer, 130 interrupted.`;

interface DeploymentCommand {
  readonly name: "deploy" | "diff" | "remove" | "status";
  readonly summary: string;
  readonly description: string;
  /** What --yes spares; absent: there is nothing to ask. */
  readonly yes?: string;
}

const deploymentCommands: readonly DeploymentCommand[] = [
  {
    name: "deploy",
    summary: "make or update what a platform needs to run workers",
    description:
      "Shows what has to be made or changed on a platform, and does it. One function serves all jobs.",
    yes: "change what is there without asking",
  },
  {
    name: "diff",
    summary: "show what a deploy would do",
    description: "Shows what `fnmesh deploy` would make or change, and changes nothing.",
  },
  {
    name: "remove",
    summary: "remove all that was deployed",
    description: "Removes from a platform all that fnmesh has made there for a stage, and nothing else.",
    yes: "remove without asking; needed where nobody can be asked",
  },
  {
    name: "status",
    summary: "say what is deployed",
    description:
      "Says what is deployed on a platform, whether it is up to date, and what functions have there.",
  },
];

export function addDeployments(program: Command, commands: Commands): void {
  for (const { name, summary, description, yes } of deploymentCommands) {
    const command = program
      .command(name)
      .summary(summary)
      .description(description)
      .option(...providerOption)
      .option(...stageOption)
      .option(...configOption);
    if (yes !== undefined) command.option("-y, --yes", yes);
    command
      .option(...jsonOption)
      .addHelpText("after", deployExamples)
      .action((options: RawDeploymentOptions) => commands[name](options));
  }
}
