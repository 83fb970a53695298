// The checks that need no test runner: types, style, promises. They run side by side and stay silent when all is well.

import { installed, runQuietly } from "./run.mjs";

const colour = process.stdout.isTTY ? ["--color"] : [];

const checks = [
  { name: "types", command: ["tsc", "-p", "tsconfig.json", ...(process.stdout.isTTY ? ["--pretty"] : [])] },
  { name: "lint", command: ["biome", "check", "--error-on-warnings", "."] },
  { name: "promises", command: ["eslint", ...colour, "."] },
];

/** Runs all checks and prints what the failing ones say; resolves with how many failed. */
export async function runChecks() {
  const results = await Promise.all(checks.map(runCheck));
  const failed = results.filter(({ code }) => code !== 0);
  for (const { name, output } of failed) console.log(`${output.trimEnd()}\n${name}: failed\n`);
  console.log(results.map(({ name, code }) => `${name} ${code === 0 ? "✓" : "✗"}`).join("  "));
  return failed.length;
}

async function runCheck({ name, command: [tool, ...args] }) {
  const { code, output } = await runQuietly(process.execPath, [installed(tool), ...args]);
  return { name, code, output };
}
