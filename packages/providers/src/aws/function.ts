// The one generic function on Lambda: made, changed and removed, with a wait wherever AWS takes its time.

import type { FunctionConfiguration, Lambda } from "@aws-sdk/client-lambda";
import { FnmeshError } from "@fnmesh/core";
import type { Resource } from "../kit/deployment.ts";
import { untilReady } from "../kit/until-ready.ts";
import type { PlatformSession } from "../platform.ts";
import type { CodeArchive } from "./code-archive.ts";
import { nameTaken } from "./errors.ts";
import { configurationOf, factsOf, stateOf, updatesFor, wantedFunction } from "./function-facts.ts";
import { functionName, isOurs, type Tags, tagsOf } from "./names.ts";
import { absent, ask } from "./request.ts";
import type { AwsSettings } from "./settings.ts";

export interface FunctionOptions {
  readonly settings: AwsSettings;
  readonly lambda: Lambda;
  readonly region: string;
  readonly clock: PlatformSession["clock"];
  readonly code: CodeArchive;
  /** The role's, once it is there. */
  readonly roleArn: (signal: AbortSignal) => Promise<string>;
}

/** Seconds as a rule; minutes where network interfaces are made in a VPC. */
const readyMs = 300_000;
/** Lambda believes in a new role within 10 s as a rule, within a minute on a bad day. */
const assumableMs = 120_000;
const notAssumable = /cannot be assumed by Lambda|role does not have permissions to call/;

/** Undefined: there is none. Fetches no code. */
export const getFunction = (
  lambda: Lambda,
  name: string,
  signal: AbortSignal,
): Promise<FunctionConfiguration | undefined> =>
  ask<FunctionConfiguration | undefined>(
    {
      action: "lambda:GetFunctionConfiguration",
      signal,
      expected: { ResourceNotFoundException: absent },
    },
    (options) => lambda.getFunctionConfiguration({ FunctionName: name }, options),
  );

export async function functionTags(lambda: Lambda, arn: string, signal: AbortSignal): Promise<Tags> {
  const answer = await ask<{ Tags?: Record<string, string> | undefined } | undefined>(
    { action: "lambda:ListTags", signal, expected: { ResourceNotFoundException: absent } },
    (options) => lambda.listTags({ Resource: arn }, options),
  );
  return answer?.Tags ?? {};
}

export function functionResource(options: FunctionOptions): Resource {
  const { settings, lambda, region, clock, code } = options;
  const name = functionName(settings);

  /** Nothing is being done to it any more. */
  const settled = async (signal: AbortSignal): Promise<FunctionConfiguration> => {
    let found: FunctionConfiguration | undefined;
    await untilReady({ what: `the function ${name}`, withinMs: readyMs, clock, signal }, async () => {
      found = await getFunction(lambda, name, signal);
      return found !== undefined && stateOf(found).kind !== "changing";
    });
    return found!;
  };
  const usable = async (signal: AbortSignal): Promise<void> => {
    const { kind, text } = stateOf(await settled(signal));
    if (kind === "failed") throw unusable(name, text);
  };
  /** One change at a time: while another is under way, AWS says that there is a conflict. */
  const change = async (action: string, signal: AbortSignal, request: (o: Abortable) => Promise<unknown>) => {
    await untilReady({ what: `the function ${name}`, withinMs: readyMs, clock, signal }, async () => {
      await settled(signal);
      const expected = { ResourceConflictException: () => false, ...notYet };
      return ask<boolean>({ action, signal, expected }, async (o) => {
        await request(o);
        return true;
      });
    });
    await settled(signal);
  };
  const putConfiguration = async (signal: AbortSignal) => {
    const configuration = configurationOf(settings, await options.roleArn(signal));
    await change("lambda:UpdateFunctionConfiguration", signal, (o) =>
      lambda.updateFunctionConfiguration(configuration, o),
    );
  };
  const putCode = (signal: AbortSignal) => {
    const request = {
      FunctionName: name,
      ZipFile: code.bytes,
      Architectures: [settings.architecture],
    };
    return change("lambda:UpdateFunctionCode", signal, (o) => lambda.updateFunctionCode(request, o));
  };
  const putTags = async (signal: AbortSignal) => {
    const Resource = (await settled(signal)).FunctionArn!;
    await ask({ action: "lambda:TagResource", signal }, (o) =>
      lambda.tagResource({ Resource, Tags: tagsOf(settings) }, o),
    );
  };
  return {
    kind: "function",
    name,
    wanted: wantedFunction(settings, region, code.sha256),
    async read(signal) {
      const found = await getFunction(lambda, name, signal);
      if (found === undefined) return undefined;
      const tags = await functionTags(lambda, found.FunctionArn!, signal);
      return { facts: factsOf(found, settings, tags), ours: isOurs(tags, settings) };
    },
    async create(signal) {
      const role = await options.roleArn(signal);
      const request = {
        ...configurationOf(settings, role),
        Architectures: [settings.architecture],
        Code: { ZipFile: code.bytes },
        PackageType: "Zip" as const,
        Tags: tagsOf(settings),
      };
      const expected = { ResourceConflictException: () => "there" as const, ...notYet };
      const asked = { action: "lambda:CreateFunction", signal, expected };
      let outcome = false as "made" | "there" | false;
      const awaited = {
        what: `the role ${role} (Lambda cannot assume it)`,
        withinMs: assumableMs,
        clock,
        signal,
      };
      await untilReady(awaited, async () => {
        outcome = await ask<typeof outcome>(asked, async (o) => {
          await lambda.createFunction(request, o);
          return "made";
        });
        return outcome !== false;
      });
      if (outcome === "there") await adopt(signal);
      await usable(signal);
    },
    async update(changed, signal) {
      const { kind } = stateOf(await settled(signal));
      const updates = updatesFor(changed, kind);
      if (updates.code) await putCode(signal);
      if (updates.configuration) await putConfiguration(signal);
      if (updates.tags) await putTags(signal);
      await usable(signal);
    },
    async remove(signal) {
      const expected = { ResourceNotFoundException: () => true, ResourceConflictException: () => false };
      await untilReady({ what: `the removal of ${name}`, withinMs: readyMs, clock, signal }, () =>
        ask<boolean>({ action: "lambda:DeleteFunction", signal, expected }, async (o) => {
          await lambda.deleteFunction({ FunctionName: name }, o);
          return true;
        }),
      );
    },
  };

  /** It came up between the look and the making: by a request of ours that seemed to have failed, or by a stranger. */
  async function adopt(signal: AbortSignal): Promise<void> {
    const { FunctionArn } = await settled(signal);
    if (!isOurs(await functionTags(lambda, FunctionArn!, signal), settings))
      throw nameTaken("function", name);
    await putCode(signal);
    await putConfiguration(signal);
  }
}

interface Abortable {
  readonly abortSignal: AbortSignal;
}

/** A role that is new. Any other wrong parameter is an error. */
const notYet = {
  InvalidParameterValueException: (thrown: Error): false => {
    if (notAssumable.test(thrown.message)) return false;
    throw new FnmeshError("DEPLOY_FAILED", `AWS takes the function's settings not: ${thrown.message}`, {
      cause: thrown,
      hint: "Correct them in fnmesh.config.ts; docs/providers/aws.md has what each takes.",
    });
  },
};

const unusable = (name: string, state: string) =>
  new FnmeshError("DEPLOY_FAILED", `the function ${name} cannot be used: ${state}`, {
    hint: "Mend what AWS says (a VPC's subnets, groups or free addresses, as a rule), and deploy again.",
  });
