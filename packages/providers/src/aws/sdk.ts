// AWS's own clients, which the person who uses AWS installs beside fnmesh. Nothing else of this folder loads them.

import type { CloudWatchLogs, CloudWatchLogsClientConfig } from "@aws-sdk/client-cloudwatch-logs";
import type { IAM } from "@aws-sdk/client-iam";
import type { Lambda } from "@aws-sdk/client-lambda";
import { FnmeshError } from "@fnmesh/core";
import { optionalModule } from "../kit/optional-module.ts";
import type { PlatformSession } from "../platform.ts";
import type { AwsSettings } from "./settings.ts";

/** How the packages are imported; tests give their own. */
export interface SdkLoaders {
  readonly lambda: () => Promise<typeof import("@aws-sdk/client-lambda")>;
  readonly iam: () => Promise<typeof import("@aws-sdk/client-iam")>;
  readonly logs: () => Promise<typeof import("@aws-sdk/client-cloudwatch-logs")>;
}

export const sdkLoaders: SdkLoaders = {
  lambda: () => import("@aws-sdk/client-lambda"),
  iam: () => import("@aws-sdk/client-iam"),
  logs: () => import("@aws-sdk/client-cloudwatch-logs"),
};

export const sdkPackages = [
  "@aws-sdk/client-lambda",
  "@aws-sdk/client-iam",
  "@aws-sdk/client-cloudwatch-logs",
] as const;

export interface AwsClients {
  readonly lambda: Lambda;
  readonly iam: IAM;
  readonly logs: CloudWatchLogs;
  readonly region: string;
  /** Lets go of all connections. */
  close(): void;
}

export interface ClientOptions {
  readonly settings: Pick<AwsSettings, "region" | "profile">;
  readonly environment: PlatformSession["environment"];
  /** Of a request to Lambda. Default: the SDK's own, three. */
  readonly lambdaTries?: number;
}

/** Rejects with PROVIDER_UNAVAILABLE for a package that is missing, INVALID_ARGUMENT without a region. */
export async function awsClients(load: SdkLoaders, options: ClientOptions): Promise<AwsClients> {
  const [lambdaSdk, iamSdk, logsSdk] = await Promise.all([
    optionalModule(sdkPackages[0], load.lambda),
    optionalModule(sdkPackages[1], load.iam),
    optionalModule(sdkPackages[2], load.logs),
  ]);
  const { lambdaTries: maxAttempts } = options;
  const tries = maxAttempts === undefined ? {} : { maxAttempts };
  const lambda = new lambdaSdk.Lambda({ ...configOf(options, "LAMBDA"), ...tries });
  const iam = new iamSdk.IAM(configOf(options, "IAM"));
  const logs = new logsSdk.CloudWatchLogs(configOf(options, "CLOUDWATCH_LOGS"));
  const close = () => {
    for (const client of [lambda, iam, logs]) client.destroy();
  };
  return { lambda, iam, logs, region: await regionOf(lambda), close };
}

async function regionOf(lambda: Lambda): Promise<string> {
  try {
    return await lambda.config.region();
  } catch (cause) {
    throw new FnmeshError("INVALID_ARGUMENT", "no region of AWS is set", {
      cause,
      hint: "Set AWS_REGION, `aws.region` in fnmesh.config.ts, or a region for the profile in ~/.aws/config.",
    });
  }
}

/** A connection that does not come, and an answer that does not. Uploads of a function take a few seconds at most. */
const connectionTimeoutMs = 5_000;
const requestTimeoutMs = 30_000;

/** The parts of a configuration that all clients share. */
type Config = Pick<
  CloudWatchLogsClientConfig,
  "region" | "profile" | "endpoint" | "credentials" | "maxAttempts" | "requestHandler"
>;

/** The SDK's own reading of the process's environment, for an environment that may be another one. */
function configOf({ settings, environment }: ClientOptions, service: string): Config {
  const { region, profile } = settings;
  const endpoint =
    environment.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === "true"
      ? undefined
      : environment[`AWS_ENDPOINT_URL_${service}`] || environment.AWS_ENDPOINT_URL;
  const keys = profile === undefined ? keysIn(environment) : undefined;
  return {
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    ...(endpoint === undefined || endpoint === "" ? {} : { endpoint }),
    ...(keys === undefined ? {} : { credentials: keys }),
    ...(environment.AWS_MAX_ATTEMPTS ? { maxAttempts: Number(environment.AWS_MAX_ATTEMPTS) } : {}),
    requestHandler: { connectionTimeout: connectionTimeoutMs, requestTimeout: requestTimeoutMs },
  };
}

/** Keys in the environment come first, unless a profile is asked for; all else is the SDK's own chain. */
function keysIn(environment: PlatformSession["environment"]) {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = environment;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) return undefined;
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}),
  };
}
