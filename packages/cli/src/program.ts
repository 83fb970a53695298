// The command line's grammar: what can be typed, and the help for it. What a command does is loaded when it is called,
// so `--help` and `--version` answer at once.

import { channelNames } from "@fnmesh/core/protocol";
import { labProfiles } from "@fnmesh/netlab";
import { platforms } from "@fnmesh/orchestrator/cost";
import { Command, Option } from "commander";
import type { RawHelloOptions } from "./commands/hello.ts";
import type { RawDeploymentOptions } from "./deployment/open-deployment.ts";
import { boundsOf } from "./options/number-option.ts";
import type { RawRelayOptions } from "./options/relay-options.ts";
import { numberRules, type RawRunOptions, runPresets } from "./options/run-options.ts";
import {
  apiTokenOption,
  configOption,
  jsonOption,
  orchestratorOption,
  providerOption,
  stageOption,
} from "./options/shared-options.ts";
import type { RawTriggerOptions } from "./options/trigger-options.ts";
import { providerNames } from "./platform/provider-names.ts";
import { addDeployments, addHello, addReach } from "./platform-program.ts";
import { addTrigger } from "./trigger-program.ts";

/** What servers listen on when nobody says otherwise. */
export const presetHost = "127.0.0.1";

export interface RawServeOptions {
  readonly host: string;
  readonly port: string;
  readonly observePort: string;
  readonly advertise?: string;
  readonly proxyProtocol?: readonly string[];
  readonly provider?: readonly string[];
  readonly stage?: string;
  readonly apiHost?: string;
  readonly apiPort: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly insecure?: boolean;
  readonly tokenFile?: string;
  readonly relayTokenFile?: string;
  readonly config?: string;
}

export interface RawConfigOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** `--provider` and `--stage` beside them. */
export interface RawSettingsOptions extends RawConfigOptions {
  readonly provider?: string;
  readonly stage?: string;
}

export interface RawPricesOptions extends RawConfigOptions {
  readonly prices?: string;
}

export interface RawInitOptions {
  readonly name?: string;
  readonly yes?: boolean;
}

/** The commands' bodies, given the operands and options as they were typed. */
export interface Commands {
  init(directory: string | undefined, options: RawInitOptions): Promise<void>;
  run(operands: readonly string[], options: RawRunOptions): Promise<void>;
  doctor(options: RawSettingsOptions): Promise<void>;
  config(options: RawSettingsOptions): Promise<void>;
  serve(options: RawServeOptions): Promise<void>;
  prices(options: RawPricesOptions): Promise<void>;
  relay(orchestrator: string, options: RawRelayOptions): Promise<void>;
  deploy(options: RawDeploymentOptions): Promise<void>;
  diff(options: RawDeploymentOptions): Promise<void>;
  remove(options: RawDeploymentOptions): Promise<void>;
  status(options: RawDeploymentOptions): Promise<void>;
  hello(options: RawHelloOptions): Promise<void>;
  trigger(job: string, options: RawTriggerOptions): Promise<void>;
}

const runExamples = `
Examples:
  $ fnmesh run job.ts
  $ fnmesh run job.ts --workers 16 --input 'texts/**/*.txt' --output counts.tsv
  $ fnmesh run job.ts --input 's3://my-bucket/logs/*.jsonl'
  $ fnmesh run job.ts --nat restricted          each worker behind its own NAT, as on AWS Lambda (Linux)
  $ fnmesh run job.ts --param top=20 --json | jq .result
  $ FNMESH_TOKEN=$(cat token) fnmesh run job.ts --orchestrator https://fnmesh.example.org --provider aws
  $ fnmesh run job.ts --provider aws --listen 0.0.0.0 --advertise 203.0.113.5

Exit codes: 0 succeeded, 1 the job failed, 2 bad usage or input,
3 orchestrator or provider unavailable, 130 interrupted.
FNMESH_LOG=debug|info|warn|error|silent says how much fnmesh tells on stderr.`;

const serveExamples = `
Examples:
  $ fnmesh serve --port 7420 --api-port 7421
  $ fnmesh serve --host 0.0.0.0 --advertise 203.0.113.5 --token-file token --tls-cert cert.pem --tls-key key.pem
  $ fnmesh serve --host 0.0.0.0 --advertise 203.0.113.5 --api-host 127.0.0.1 --provider aws --stage prod
  $ fnmesh serve --host 0.0.0.0 --api-host 127.0.0.1      workers come from anywhere, the API is for this machine

A renewed certificate is taken within a minute. docs/ORCHESTRATOR.md says how to run it in a cloud.
SIGTERM or Ctrl-C lets the running jobs end; a second one cancels them.`;

const relayExamples = `
Examples:
  $ FNMESH_RELAY_TOKEN=$(cat token) fnmesh serve --host 0.0.0.0 --port 7420 --api-host 127.0.0.1
  $ FNMESH_RELAY_TOKEN=$(cat token) fnmesh relay 192.0.2.1:7420 --host 0.0.0.0 --port 7430 --advertise 192.0.2.2

SIGTERM or Ctrl-C ends it; the pairs that used it take another way. With --token-file - so does the end of stdin.`;

export function createProgram(version: string, commands: Commands): Command {
  const program = new Command("fnmesh")
    .description("Runs one TypeScript job on many serverless functions that talk to each other directly.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .exitOverride()
    // Errors are shown once, by whoever catches them; help that was asked for goes to stdout as ever.
    .configureOutput({ outputError: () => {} });
  addInit(program, commands);
  addRun(program, commands);
  addDoctor(program, commands);
  addServe(program, commands);
  addRelay(program, commands);
  addDeployments(program, commands);
  addHello(program, commands);
  addTrigger(program, commands);
  addConfig(program, commands);
  addPrices(program, commands);
  return program;
}

const collect = (value: string, earlier: readonly string[] = []) => [...earlier, value];

/** An option whose preset stands in the help without quotes. */
const preset = (flags: string, description: string, value: string) =>
  new Option(flags, description).default(value, value);

function addInit(program: Command, commands: Commands): void {
  program
    .command("init")
    .summary("make a new project")
    .description("Makes a project with a job, its tests and its settings. Overwrites nothing.")
    .argument("[directory]", "where it is made; else this one")
    .option("--name <name>", "of the project's package; else the directory's")
    .option("-y, --yes", "ask nothing")
    .action((directory: string | undefined, options: RawInitOptions) => commands.init(directory, options));
}

function addRun(program: Command, commands: Commands): void {
  const { workers, memory, timeout } = numberRules;
  const p = runPresets;
  const run = program
    .command("run")
    .summary("run a job and report how it went")
    .description("Runs a job: bundles its module, starts the workers, and reports how it went.")
    .argument("<job>", "the module whose default export is the job, such as job.ts")
    .allowExcessArguments() // an unquoted glob leaves operands: they get an error that says so
    .addOption(preset("-w, --workers <n>", boundsOf(workers), p.workers))
    .option(
      "--provider <name>",
      `where workers run: ${providerNames.join(", ")}; else the settings', or local`,
    )
    .option(...stageOption)
    .option(...orchestratorOption)
    .option(...apiTokenOption)
    .addOption(preset("--nat <profile>", `NATs between the workers: ${labProfiles.join(", ")}`, p.nat))
    .addOption(
      preset(
        "--channel <name>",
        `the way between workers, or several by commas: ${channelNames.join(", ")}`,
        p.channel,
      ),
    )
    .option(
      "-i, --input <glob>",
      "a file, a quoted glob, or objects: s3://bucket/prefix/; may be repeated",
      collect,
    )
    .option("-o, --output <file>", "where the job's output goes, whole or not at all")
    .option("-p, --param <key=value>", "a parameter for the job; may be repeated", collect)
    .option("--memory <MB>", `of each worker: ${boundsOf(memory)}; else as deployed, locally 512`)
    .option(
      "--timeout <s>",
      `after which a worker is ended: ${boundsOf(timeout)}; else as deployed, locally 900`,
    )
    .option("--relays <n>", "relays as processes of their own, for pairs that cannot be direct")
    .option("--no-encrypt", "authenticate the workers' connections but do not encrypt them")
    .option("--config <file>", "settings; else fnmesh.config.ts in the job's folder or above")
    .option(
      "--price-as <platform>",
      `at whose prices the run is shown; else at those of whom it runs on: ${platforms.join(", ")}`,
    )
    .option("--prices <file>", pricesFile)
    .option(...jsonOption)
    .addHelpText("after", runExamples)
    .action((_job: string, options: RawRunOptions, command: Command) => commands.run(command.args, options));
  addReach(run);
}

const pricesFile = 'a JSON file with prices of your own, such as { "aws": { "s3-put": 0.004 } }';

function addPrices(program: Command, commands: Commands): void {
  program
    .command("prices")
    .summary("show the prices that runs are shown at")
    .description("Shows the price table: what each price is for, when it was seen and where.")
    .option("--prices <file>", pricesFile)
    .option(...configOption)
    .option(...jsonOption)
    .action((options: RawPricesOptions) => commands.prices(options));
}

function addDoctor(program: Command, commands: Commands): void {
  program
    .command("doctor")
    .summary("say what this machine and a platform can do")
    .description(
      "Says what this machine can do for fnmesh, what is missing for a platform, and what to do about it.",
    )
    .option(...providerOption)
    .option(...stageOption)
    .option(...configOption)
    .option(...jsonOption)
    .addHelpText("after", "\nExit codes: 0 jobs can run (there may be warnings), 3 they cannot.")
    .action((options: RawSettingsOptions) => commands.doctor(options));
}

function addServe(program: Command, commands: Commands): void {
  program
    .command("serve")
    .summary("keep an orchestrator with an HTTP API")
    .description("Keeps an orchestrator that takes jobs over an HTTP API, until it is told to end.")
    .addOption(preset("--host <address>", "to listen on", presetHost))
    .addOption(preset("--port <n>", "where workers dial in; 0 is any free port", "0"))
    .addOption(preset("--observe-port <n>", "where workers ask where they are seen; 0 is any free port", "0"))
    .option("--advertise <address>", "or name, that workers dial when it is not the one listened on")
    .option(
      "--proxy-protocol <cidr>",
      "of balancers through which all workers come; may be repeated",
      collect,
    )
    .option(
      "--provider <name>",
      `on which jobs may run beside local: ${providerNames.slice(1).join(", ")}; may be repeated`,
      collect,
    )
    .option(...stageOption)
    .option("--api-host <address>", "for the API, else --host; all but loopback demand a token and TLS")
    .addOption(preset("--api-port <n>", "where the HTTP API listens; 0 is any free port", "0"))
    .option("--tls-cert <file>", "the API's certificate with its chain, as PEM")
    .option("--tls-key <file>", "its key, as PEM without a passphrase")
    .option("--insecure", "let the API listen without TLS on an address that is not loopback")
    .option("--token-file <file>", "holds the API's token; else FNMESH_TOKEN does")
    .option("--relay-token-file <file>", "holds the token of relays; else FNMESH_RELAY_TOKEN does")
    .option(...configOption)
    .addHelpText("after", serveExamples)
    .action((options: RawServeOptions) => commands.serve(options));
}

function addRelay(program: Command, commands: Commands): void {
  program
    .command("relay")
    .summary("relay for an orchestrator")
    .description(
      "Passes on what pairs of workers cannot send directly, for an orchestrator and in its place.",
    )
    .argument("<orchestrator>", "where workers dial it, such as 192.0.2.1:7420")
    .addOption(preset("--host <address>", "to listen on", "127.0.0.1"))
    .addOption(preset("--port <n>", "where workers dial in; 0 is any free port", "0"))
    .option("--advertise <address>", "that workers are told, when it is not the one listened on")
    .option(
      "--token-file <file>",
      "holds the relay token; else FNMESH_RELAY_TOKEN does; - is stdin's first line",
    )
    .addHelpText("after", relayExamples)
    .action((orchestrator: string, options: RawRelayOptions) => commands.relay(orchestrator, options));
}

function addConfig(program: Command, commands: Commands): void {
  program
    .command("config")
    .summary("print the settings in force")
    .description("Prints which settings are in force and where each comes from. Secrets are not shown.")
    .option(...providerOption)
    .option(...stageOption)
    .option(...configOption)
    .option(...jsonOption)
    .action((options: RawSettingsOptions) => commands.config(options));
}
