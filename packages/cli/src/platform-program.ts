// The part of the command line's grammar that is about platforms: what is deployed there.

import { labProfiles } from "@fnmesh/netlab";
import { type Command, Option } from "commander";
import type { RawHelloOptions } from "./commands/hello.ts";
import type { RawDeploymentOptions } from "./deployment/open-deployment.ts";
import { runPresets } from "./options/run-options.ts";
import {
  apiTokenOption,
  configOption,
  jsonOption,
  orchestratorOption,
  providerOption,
  stageOption,
} from "./options/shared-options.ts";
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

/** Of commands with an orchestrator of their own: how workers reach it. */
export function addReach(command: Command): void {
  const { port, observePort } = runPresets;
  command
    .option("--listen <address>", "for workers; else 127.0.0.1. Functions in a cloud need one they can dial")
    .addOption(new Option("--port <n>", "where workers dial in; 0 is any free port").default(port, port))
    .addOption(
      new Option("--observe-port <n>", "where workers ask where they are seen; 0 is any free port").default(
        observePort,
        observePort,
      ),
    )
    .option("--advertise <address>", "or name, that workers dial when it is not the one listened on");
}

const helloExamples = `
Examples:
  $ fnmesh hello
  $ fnmesh hello --nat restricted
  $ fnmesh hello --provider aws --stage prod --listen 0.0.0.0 --advertise 203.0.113.5
  $ FNMESH_TOKEN=$(cat token) fnmesh hello --orchestrator https://fnmesh.example.org --provider aws

The report names no account and no address, and holds no secret. Errors in full go to stderr.
Exit codes: 0 jobs can run there, 1 or 3 they cannot, 2 bad usage or settings, 130 interrupted.`;

export function addHello(program: Command, commands: Commands): void {
  const { nat } = runPresets;
  const command = program
    .command("hello")
    .summary("try a platform with four workers")
    .description(
      "Tries what every job needs (workers, ways between them, an end) and prints a report to share.",
    )
    .option(...providerOption)
    .option(...stageOption)
    .option(...orchestratorOption)
    .option(...apiTokenOption)
    .addOption(
      new Option("--nat <profile>", `NATs between local workers: ${labProfiles.join(", ")}`).default(
        nat,
        nat,
      ),
    );
  addReach(command);
  command
    .option(...configOption)
    .option(...jsonOption)
    .addHelpText("after", helloExamples)
    .action((options: RawHelloOptions) => commands.hello(options));
}
