// Where the four workers of `fnmesh hello` meet: on an orchestrator of the command's own, or on one elsewhere. What is
// tried there is the same.

import type { Log } from "@fnmesh/core/internal";
import type { JobHandle, Offers } from "@fnmesh/orchestrator";
import type { Cleanup } from "../cleanup.ts";
import { type Config, hideStores } from "../config/load-config.ts";
import { type HelloJob, helloSpec, helloSubmission } from "../hello/hello-job.ts";
import type { Host } from "../host.ts";
import { pricingOf } from "../options/pricing.ts";
import type { AskedOptions } from "../options/run-options.ts";
import type { Picked } from "../platform/pick-platform.ts";
import { sizesOf } from "../platform/sizes.ts";
import { openSession } from "./run-session.ts";

/** `there`: as `fnmesh run --orchestrator` is given it. `picked`: undefined on this machine. */
export type Where =
  | { readonly kind: "here"; readonly picked: Picked | undefined }
  | { readonly kind: "there"; readonly url: string; readonly token: string | undefined };

export interface Hello {
  readonly asked: AskedOptions;
  readonly config: Config;
  readonly where: Where;
  readonly host: Host;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export interface HelloPlace {
  readonly offered: Offers["providers"][number] | undefined;
  readonly sizes: Pick<HelloJob, "memoryMb" | "timeoutMs">;
  /** Of machines, that a report must not tell. */
  readonly names: readonly string[];
  /** Rejects, or throws, with what was wrong before there was a job. */
  submit(job: HelloJob): Promise<JobHandle>;
}

/** Opened with the cleanup. Rejects as `openSession`, or as `OrchestratorClient` with AUTH, UNKNOWN_PROVIDER, … */
export const openHelloPlace = (hello: Hello, cleanup: Cleanup): Promise<HelloPlace> =>
  hello.where.kind === "here"
    ? openHere(hello, hello.where, cleanup)
    : openThere(hello, hello.where, cleanup);

async function openHere(
  { asked, config, host, log, signal }: Hello,
  { picked }: Where & { readonly kind: "here" },
  cleanup: Cleanup,
): Promise<HelloPlace> {
  const { cwd, environment } = host;
  const pricing = await pricingOf(undefined, config, cwd);
  hideStores(environment, config);
  const print = (line: string) => log.info(line);
  const { orchestrator } = await openSession({
    ...{ options: asked, picked, stores: {}, s3: undefined, pricing, environment },
    ...{ log, print, cleanup, signal, phase: () => signal.throwIfAborted() },
  });
  return {
    // The provider may know its own network better than the platform's folder: a function in a network of the user's.
    offered: orchestrator.offers.providers.find(({ name }) => name === config.provider),
    sizes: sizesOf(asked, picked),
    names: [asked.advertise, asked.listen].filter((name) => name !== undefined),
    submit: async (job) => orchestrator.submit(helloSpec(job)),
  };
}

async function openThere(
  { asked, config, log, signal }: Hello,
  { url, token }: Where & { readonly kind: "there" },
  cleanup: Cleanup,
): Promise<HelloPlace> {
  const { connectRemotely, providerOf, sizes } = await import("./remote-place.ts");
  const client = connectRemotely({ url, token, log, cleanup });
  const offered = providerOf(config.provider, await client.info(signal));
  return {
    offered,
    sizes: sizes(asked, offered),
    names: [new URL(client.url).hostname],
    submit: async (job) => {
      const { code, ...rest } = helloSubmission(job);
      return await client.submit({ ...rest, code: await client.upload({ text: code }, signal) }, signal);
    },
  };
}
