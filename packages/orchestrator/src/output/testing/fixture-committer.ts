// A process that commits one output after another until it is killed: each is as long, and of one letter only.

import { fileOutput } from "../file-output.ts";

const [, , target] = process.argv;
const blocks = 8;
const blockBytes = 256 * 1024;

for (let time = 0; ; time++) {
  const output = await fileOutput(target!);
  const block = new Uint8Array(blockBytes).fill(97 + (time % 26));
  for (let rank = blocks; rank > 0; rank--) await output.write(rank, block);
  await output.commit();
  if (time === 0) console.log("first");
}
