// The part of the command line's grammar that is about triggers.

import { channelNames } from "@fnmesh/core/protocol";
import { platforms } from "@fnmesh/orchestrator/cost";
import { type Command, Option } from "commander";
import { boundsOf } from "./options/number-option.ts";
import { numberRules } from "./options/run-options.ts";
import { jsonOption } from "./options/shared-options.ts";
import { type RawTriggerOptions, triggerPresets } from "./options/trigger-options.ts";
import { providerNames } from "./platform/provider-names.ts";
import type { Commands } from "./program.ts";
import { triggerSources } from "./trigger-folder/template.ts";

const examples = `
Examples:
  $ fnmesh trigger job.ts --from s3 --workers 16
  $ fnmesh trigger job.ts --from sqs --map map.ts --output triggers/words
  $ fnmesh trigger job.ts --from http --param top=20

The folder has a CloudFormation template and the function's code. Nothing in it is secret, and nothing is deployed:
the commands that do so are printed, and docs/providers/triggers.md explains them.`;

const collect = (value: string, earlier: readonly string[] = []) => [...earlier, value];

/** An option whose preset stands in the help without quotes. */
const preset = (flags: string, description: string, value: string) =>
  new Option(flags, description).default(value, value);

export function addTrigger(program: Command, commands: Commands): void {
  const { workers, memory, timeout } = numberRules;
  const p = triggerPresets;
  program
    .command("trigger")
    .summary("make a function that starts a job by events of AWS")
    .description(
      "Makes a Lambda function that starts a job on an orchestrator for each new object in S3, each message in SQS, or each HTTP request.",
    )
    .argument("<job>", "the module whose default export is the job, such as job.ts")
    .requiredOption("--from <source>", `what starts it: ${triggerSources.join(", ")}`)
    .option(
      "--map <file>",
      "a module whose default export says which job an item is; else an object is its input, and a body in JSON says the rest",
    )
    .addOption(preset("-o, --output <folder>", "is made, or made anew when it was made by this", p.output))
    .addOption(preset("-w, --workers <n>", `${boundsOf(workers)}, where the map does not say`, p.workers))
    .addOption(preset("--provider <name>", `where workers run: ${providerNames.join(", ")}`, p.provider))
    .addOption(
      preset(
        "--channel <name>",
        `between workers, or several by commas: ${channelNames.join(", ")}`,
        p.channel,
      ),
    )
    .option("-p, --param <key=value>", "a parameter for the job; may be repeated", collect)
    .option("--memory <MB>", `of each worker: ${boundsOf(memory)}; else 512`)
    .option("--timeout <s>", `after which a worker is ended: ${boundsOf(timeout)}; else 900`)
    .option("--no-encrypt", "authenticate the workers' connections but do not encrypt them")
    .option("--price-as <platform>", `at whose prices a run is shown: ${platforms.join(", ")}`)
    .option(...jsonOption)
    .addHelpText("after", examples)
    .action((job: string, options: RawTriggerOptions) => commands.trigger(job, options));
}
