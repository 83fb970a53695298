// A shaping proxy as a process of its own, so that its work disturbs nothing but the processors' time. Takes its options
// as one JSON argument, says `{"port":…}`, answers each line on standard input with what it has counted, and ends with
// that input: with whoever started it.

import { createInterface } from "node:readline";
import type { LineModel, ObjectStoreModel } from "./models.ts";
import { openObjectProxy } from "./object-proxy.ts";
import type { ProxyAddress, ShapingProxy } from "./proxy.ts";
import { openTcpProxy } from "./tcp-proxy.ts";

export interface ProgramOptions extends ProxyAddress {
  readonly model: LineModel | ObjectStoreModel;
}

function open({ model, ...address }: ProgramOptions): Promise<ShapingProxy> {
  return model.kind === "line" ? openTcpProxy({ ...address, model }) : openObjectProxy({ ...address, model });
}

const say = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);

async function main(json: string): Promise<void> {
  const proxy = await open(JSON.parse(json) as ProgramOptions);
  createInterface({ input: process.stdin })
    .on("line", () => {
      const { user, system } = process.cpuUsage();
      say({ ...proxy.counts(), processorMs: Math.round((user + system) / 1000) });
    })
    .on("close", () => process.exit(0));
  say({ port: proxy.port });
}

main(process.argv[2] ?? "").catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
