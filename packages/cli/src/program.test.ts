import { CommanderError } from "commander";
import { expect, test } from "vitest";
import { createProgram } from "./program.ts";
import { usageError } from "./usage-error.ts";

/** What the command would be called with, or how it is refused. */
async function parse(...args: string[]) {
  const calls: { command: string; operands?: readonly string[]; options: object }[] = [];
  let printed = "";
  const program = createProgram("1.2.3", {
    init: async (operand, options) =>
      void calls.push({ command: "init", operands: operand === undefined ? [] : [operand], options }),
    run: async (operands, options) => void calls.push({ command: "run", operands, options }),
    doctor: async (options) => void calls.push({ command: "doctor", options }),
    config: async (options) => void calls.push({ command: "config", options }),
    relay: async (operand, options) => void calls.push({ command: "relay", operands: [operand], options }),
    serve: async (options) => void calls.push({ command: "serve", options }),
    prices: async (options) => void calls.push({ command: "prices", options }),
    deploy: async (options) => void calls.push({ command: "deploy", options }),
    diff: async (options) => void calls.push({ command: "diff", options }),
    remove: async (options) => void calls.push({ command: "remove", options }),
    status: async (options) => void calls.push({ command: "status", options }),
    hello: async (options) => void calls.push({ command: "hello", options }),
    trigger: async (operand, options) =>
      void calls.push({ command: "trigger", operands: [operand], options }),
  });
  for (const command of [program, ...program.commands]) {
    command.configureOutput({ ...command.configureOutput(), writeOut: (text) => (printed += text) });
  }
  try {
    await program.parseAsync(args, { from: "user" });
    return { calls, printed };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { calls, printed, exitCode: error.exitCode, error: usageError(error, "fnmesh run") };
  }
}

test("run takes its operands and options as text, with the presets", async () => {
  const { calls } = await parse(
    "run",
    "job.ts",
    "-i",
    "a",
    "--input",
    "b",
    "-p",
    "k=v",
    "--no-encrypt",
    "--json",
  );
  expect(calls).toEqual([
    {
      command: "run",
      operands: ["job.ts"],
      options: {
        workers: "4",
        nat: "none",
        channel: "auto",
        port: "0",
        observePort: "0",
        input: ["a", "b"],
        param: ["k=v"],
        encrypt: false,
        json: true,
      },
    },
  ]);
});

test("init takes a directory and a name, and needs neither", async () => {
  const { calls } = await parse("init", "words", "--name", "@ada/words", "-y");
  expect(calls).toEqual([
    { command: "init", operands: ["words"], options: { name: "@ada/words", yes: true } },
  ]);
  expect((await parse("init")).calls).toEqual([{ command: "init", operands: [], options: {} }]);
});

test.each(["deploy", "diff", "remove", "status"])("%s takes a provider and a stage", async (command) => {
  const { calls } = await parse(command, "--provider", "aws", "--stage", "prod", "--json");
  expect(calls).toEqual([{ command, options: { provider: "aws", stage: "prod", json: true } }]);
});

test("--yes is for what changes something", async () => {
  expect((await parse("remove", "-y")).calls[0]?.options).toEqual({ yes: true });
  expect((await parse("diff", "--yes")).error).toMatchObject({ code: "USAGE" });
});

test("trigger takes a job and what starts it, with the presets; without a source it is refused", async () => {
  const { calls } = await parse(
    "trigger",
    "job.ts",
    "--from",
    "s3",
    "-o",
    "folder",
    "-p",
    "a=1",
    "-p",
    "b=2",
  );
  expect(calls).toEqual([
    {
      command: "trigger",
      operands: ["job.ts"],
      options: {
        ...{ from: "s3", output: "folder", param: ["a=1", "b=2"] },
        ...{ workers: "4", provider: "aws", channel: "auto", encrypt: true },
      },
    },
  ]);
  expect((await parse("trigger", "job.ts")).error).toMatchObject({
    code: "USAGE",
    message: expect.stringContaining("--from <source>"),
  });
});

test("prices are by a file and a platform, and neither has to be given", async () => {
  const run = await parse("run", "job.ts", "--price-as", "google", "--prices", "mine.json");
  expect(run.calls[0]?.options).toMatchObject({ priceAs: "google", prices: "mine.json" });
  const prices = await parse("prices", "--json");
  expect(prices.calls).toEqual([{ command: "prices", options: { json: true } }]);
});

test("operands that an unquoted glob left come through, so that they can be explained", async () => {
  const { calls } = await parse("run", "job.ts", "--input", "a.txt", "b.txt");
  expect(calls[0]?.operands).toEqual(["job.ts", "b.txt"]);
});

test.each([
  [
    ["run", "job.ts", "--worker", "3"],
    'unknown option "--worker"',
    "Did you mean --workers? `fnmesh run --help`",
  ],
  [["run", "job.ts", "--workers"], 'option "-w, --workers <n>" argument missing', "`fnmesh run --help`"],
  [["run"], 'missing required argument "job"', "`fnmesh run --help`"],
  [["job.ts"], 'unknown command "job.ts"', "To run a job: fnmesh run job.ts"],
  [["rum"], 'unknown command "rum"', "Did you mean run?"],
])("%j is refused with advice", async (args, message, hint) => {
  const { error, calls } = await parse(...args);
  expect(error).toMatchObject({ code: "USAGE", message });
  expect(error?.hint).toContain(hint);
  expect(calls).toEqual([]);
});

test("--version and --help print and are no error", async () => {
  expect(await parse("--version")).toMatchObject({ printed: "1.2.3\n", exitCode: 0 });
  const { printed, exitCode } = await parse("run", "--help");
  expect(exitCode).toBe(0);
  expect(printed).toContain("1 to 1000 workers (default: 4)");
  expect(printed).toContain("none, open, restricted,");
  expect(printed).toContain("Exit codes: 0 succeeded");
  expect(printed).toContain("Examples:");
});
