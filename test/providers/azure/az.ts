// Azure's command `az` for tests, as a program.

import { change, ownFolder, stateFile } from "../support/tool-state.ts";
import { az, emptySubscription } from "./az-commands.ts";

const file = stateFile(ownFolder(), emptySubscription);
const args = process.argv.slice(2);
file.note(args);
const { effect, prints, code, stderr } = az(args, file.read().plane);
if (effect !== undefined) change(file, effect);
if (prints !== undefined) process.stdout.write(`${JSON.stringify(prints)}\n`);
if (stderr !== undefined) process.stderr.write(`${stderr}\n`);
process.exitCode = code;
