// `fnmesh remove`: all that fnmesh keeps on a platform for a stage goes, and nothing else.

import { FnmeshError } from "@fnmesh/core";
import { type Listed, remove, type Step, survey } from "@fnmesh/providers";
import { askConsent, canAsk } from "../deployment/consent.ts";
import { onDeployment, type RawDeploymentOptions } from "../deployment/open-deployment.ts";
import { planLines, planSummary, resourceCount } from "../deployment/plan-view.ts";
import type { ExitCode } from "../exit-codes.ts";
import { type Host, stdoutStyle, writeJson } from "../host.ts";
import type { Platforms } from "../platform/pick-platform.ts";
import { paint, piece } from "../text/paint.ts";

/** Rejects as `deployCommand`; with USAGE where nobody can be asked and --yes is not given. */
export const removeCommand = (
  raw: RawDeploymentOptions,
  host: Host,
  platforms: Platforms,
): Promise<ExitCode> =>
  onDeployment("remove", raw, { host, platforms }, async (deployment) => {
    const { platform, stage, signal, steps, trace, json, yes } = deployment;
    const mayAsk = canAsk(host, json);
    if (!yes && !mayAsk) throw needsYes(platform.name, stage);
    const resources = await deployment.resources();
    steps.phase(`asking ${platform.title} what is there`);
    const listed = await survey(resources, signal);
    steps.phase("");
    await deployment.say(listLines({ title: platform.title, stage, listed }, host));
    if (!yes && listed.length > 0) {
      await askConsent(`Remove ${resourceCount(listed)} for good?`, host, signal);
    }
    const onStep = (step: Step) => {
      trace.begin(step);
      steps.begin(step);
    };
    const done = await remove(resources, { signal, onStep });
    const left = await survey(resources, signal);
    steps.end("done");
    if (left.length > 0) throw stillThere(left);
    if (json) await writeJson(host, { platform: platform.name, stage, steps: done, error: null });
    if (done.length > 0) await deployment.say([`${planSummary(done, "after")}; nothing is left`]);
    return 0;
  });

const needsYes = (platform: string, stage: string) =>
  new FnmeshError("USAGE", "nobody can be asked whether all of it shall go", {
    hint: `If it shall: fnmesh remove --provider ${platform} --stage ${stage} --yes`,
  });

const stillThere = (left: readonly Listed[]) =>
  new FnmeshError(
    "DEPLOY_FAILED",
    `the platform still shows ${left.map(({ kind, name }) => `${kind} ${name}`).join(", ")}`,
    { hint: "Some platforms take their time: repeat it in a minute." },
  );

interface Told {
  readonly title: string;
  readonly stage: string;
  readonly listed: readonly Listed[];
}

function listLines({ title, stage, listed }: Told, host: Host): string[] {
  const style = { ...stdoutStyle(host), columns: Number.MAX_SAFE_INTEGER };
  const what = listed.length === 0 ? "nothing is there" : `${resourceCount(listed)} to remove`;
  const steps = [...listed]
    .reverse()
    .map(({ kind, name }) => ({ action: "remove" as const, kind, name, changes: [] }));
  return [[piece(title, "bold"), piece(`, stage ${stage}: ${what}`)], ...planLines(steps)].map((line) =>
    paint(line, style),
  );
}
