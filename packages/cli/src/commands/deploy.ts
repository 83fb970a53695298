// `fnmesh deploy` and `fnmesh diff`: what a platform has to keep for fnmesh, shown before it is made.

import { deploy, diff, type Step } from "@fnmesh/providers";
import { askConsent, canAsk } from "../deployment/consent.ts";
import { type Deployment, onDeployment, type RawDeploymentOptions } from "../deployment/open-deployment.ts";
import { changesAnything, planLines, planSummary, touchesWhatIsThere } from "../deployment/plan-view.ts";
import type { ExitCode } from "../exit-codes.ts";
import { type Host, stdoutStyle, writeJson } from "../host.ts";
import type { Platforms } from "../platform/pick-platform.ts";
import { paint, piece } from "../text/paint.ts";

/** Rejects with UNKNOWN_PROVIDER, USAGE, INVALID_ARGUMENT, DEPLOY_FAILED, PLATFORM_AUTH, … or CANCELLED. */
export const deployCommand = (
  raw: RawDeploymentOptions,
  host: Host,
  platforms: Platforms,
): Promise<ExitCode> =>
  onDeployment("deploy", raw, { host, platforms }, async (deployment) => {
    const { platform, stage, signal, steps, trace, json, yes } = deployment;
    const resources = await deployment.resources();
    const plan = await showPlan(deployment, await lookAt(deployment, () => diff(resources, signal)), host);
    if (!yes && touchesWhatIsThere(plan) && canAsk(host, json)) {
      await askConsent(`Change what is there (${planSummary(plan, "before")})?`, host, signal);
    }
    const onStep = (step: Step) => {
      trace.begin(step);
      steps.begin(step);
    };
    const done = await deploy(resources, { signal, onStep });
    steps.end("done");
    if (json) await writeJson(host, { platform: platform.name, stage, steps: done, error: null });
    if (changesAnything(plan)) await deployment.say([`${planSummary(done, "after")}`]);
    return 0;
  });

/** The same errors. */
export const diffCommand = (raw: RawDeploymentOptions, host: Host, platforms: Platforms): Promise<ExitCode> =>
  onDeployment("diff", raw, { host, platforms }, async (deployment) => {
    const { platform, stage, signal, json } = deployment;
    const resources = await deployment.resources();
    const plan = await lookAt(deployment, () => diff(resources, signal));
    if (json) await writeJson(host, { platform: platform.name, stage, steps: plan, error: null });
    else await showPlan(deployment, plan, host);
    return 0;
  });

async function lookAt<T>({ steps, platform }: Deployment, look: () => Promise<T>): Promise<T> {
  steps.phase(`asking ${platform.title} what is there`);
  return await look();
}

async function showPlan(deployment: Deployment, plan: readonly Step[], host: Host): Promise<readonly Step[]> {
  const { platform, stage, steps } = deployment;
  steps.phase("");
  const style = { ...stdoutStyle(host), columns: Number.MAX_SAFE_INTEGER };
  const head = [piece(platform.title, "bold"), piece(`, stage ${stage}: ${planSummary(plan, "before")}`)];
  await deployment.say([head, ...planLines(plan)].map((line) => paint(line, style)));
  return plan;
}
