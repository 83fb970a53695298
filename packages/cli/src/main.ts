// The `fnmesh` command as a process: arguments in, exit code out, and whatever goes wrong in between told once. What a
// command needs is loaded when it is called, so that `--help` answers at once.

import { readFileSync } from "node:fs";
import type { ExitCode } from "./exit-codes.ts";
import type { Host } from "./host.ts";
import { codeToSay, takeInnerMark } from "./inner-exit.ts";
import type { RawRunOptions } from "./options/run-options.ts";
import { type Commands, createProgram } from "./program.ts";

const inner = takeInnerMark(process.env);

const host: Host = {
  // Node opens it when it is looked at, and only one command looks.
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  cwd: process.cwd(),
  document: { written: false },
  exit: (code) => process.exit(codeToSay(code, inner)),
};

/** What keeps the process alive after all is closed is a defect, but not one to keep a person waiting for. */
const lingerMs = 1_000;

async function main(args: readonly string[]): Promise<void> {
  // A reader that has read enough (`| head`) is no error; other write errors have nowhere to be told.
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (thrown) => void dieOf(thrown, args));
  }
  process.exitCode = codeToSay(await execute(args), inner);
  setTimeout(() => process.exit(), lingerMs).unref();
}

async function execute(args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  let run: RawRunOptions | undefined;
  const commands: Commands = {
    run: async (operands, options) => {
      run = options;
      const { runCommand } = await import("./commands/run.ts");
      exitCode = await runCommand(operands, options, host, await allPlatforms());
    },
    doctor: async (options) => {
      const { doctorCommand } = await import("./commands/doctor.ts");
      exitCode = await doctorCommand(options, host, await allPlatforms());
    },
    config: async (options) => {
      const { configCommand } = await import("./commands/config.ts");
      exitCode = await configCommand(options, host, await allPlatforms());
    },
    deploy: async (options) => {
      const [{ deployCommand }, platforms] = await Promise.all([
        import("./commands/deploy.ts"),
        allPlatforms(),
      ]);
      exitCode = await deployCommand(options, host, platforms);
    },
    diff: async (options) => {
      const [{ diffCommand }, platforms] = await Promise.all([
        import("./commands/deploy.ts"),
        allPlatforms(),
      ]);
      exitCode = await diffCommand(options, host, platforms);
    },
    remove: async (options) => {
      const [{ removeCommand }, platforms] = await Promise.all([
        import("./commands/remove.ts"),
        allPlatforms(),
      ]);
      exitCode = await removeCommand(options, host, platforms);
    },
    status: async (options) => {
      const [{ statusCommand }, platforms] = await Promise.all([
        import("./commands/status.ts"),
        allPlatforms(),
      ]);
      exitCode = await statusCommand(options, host, platforms);
    },
    hello: async (options) => {
      const [{ helloCommand }, platforms] = await Promise.all([
        import("./commands/hello.ts"),
        allPlatforms(),
      ]);
      exitCode = await helloCommand(options, host, { platforms, version: readVersion() });
    },
    relay: async (orchestrator, options) => {
      const { relayCommand } = await import("./commands/relay.ts");
      exitCode = await relayCommand(orchestrator, options, host);
    },
    serve: async (options) => {
      const { serveCommand } = await import("./commands/serve.ts");
      exitCode = await serveCommand(options, host, await allPlatforms());
    },
    init: async (directory, options) => {
      const { initCommand } = await import("./commands/init.ts");
      const origin = { version: readVersion(), template: new URL("../template/", import.meta.url) };
      exitCode = await initCommand(directory, options, origin, host);
    },
    trigger: async (job, options) => {
      const { triggerCommand } = await import("./commands/trigger.ts");
      const template = new URL("../deploy/trigger/template.yaml", import.meta.url);
      exitCode = await triggerCommand(job, options, template, host);
    },
    prices: async (options) => {
      const { pricesCommand } = await import("./commands/prices.ts");
      exitCode = await pricesCommand(options, host);
    },
  };
  try {
    await createProgram(readVersion(), commands).parseAsync(args, { from: "user" });
    return exitCode;
  } catch (thrown) {
    const { tellError } = await import("./tell-error.ts");
    return await tellError(thrown, { args, run }, host);
  }
}

const allPlatforms = async () => (await import("@fnmesh/providers")).platforms;

const readVersion = (): string =>
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version;

/** Something was thrown that nobody waits for: it must not end as a bare stack, nor as exit code 0. */
async function dieOf(thrown: unknown, args: readonly string[]): Promise<void> {
  const { tellError } = await import("./tell-error.ts");
  host.exit(await tellError(thrown, { args }, host));
}

await main(process.argv.slice(2));
