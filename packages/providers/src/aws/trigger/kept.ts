// A text that AWS keeps for the function: the API's token, or its certificate, in Secrets Manager or in SSM's parameter
// store. It is read when it is first asked for, with the function's own role, and lives in its memory alone.

import { FnmeshError } from "@fnmesh/core";
import { type AwsKeys, signedCall } from "./signed-call.ts";

/** A text that is kept elsewhere. */
export interface Kept {
  /** Asks for it once. What failed is asked for again by the next call. */
  read(signal: AbortSignal): Promise<string>;
  /** It was of no use: the next call asks for it anew. */
  forget(): void;
}

type Environment = Readonly<Record<string, string | undefined>>;

interface Service {
  /** In the variables that put another address in the place of AWS's own. */
  readonly variable: string;
  readonly target: string;
  /** What the function's role needs. */
  readonly right: string;
  ask(arn: string): unknown;
  find(answer: Answer): unknown;
}

interface Answer {
  readonly SecretString?: unknown;
  readonly Parameter?: { readonly Value?: unknown };
}

const services: Readonly<Record<string, Service>> = {
  secretsmanager: {
    variable: "SECRETS_MANAGER",
    target: "secretsmanager.GetSecretValue",
    right: "secretsmanager:GetSecretValue",
    ask: (arn) => ({ SecretId: arn }),
    find: ({ SecretString }) => SecretString,
  },
  ssm: {
    variable: "SSM",
    target: "AmazonSSM.GetParameter",
    right: "ssm:GetParameter",
    ask: (arn) => ({ Name: arn, WithDecryption: true }),
    find: ({ Parameter }) => Parameter?.Value,
  },
};

interface Place {
  readonly arn: string;
  readonly name: string;
  readonly service: Service;
  readonly region: string;
  /** AWS's own. */
  readonly host: string;
}

const arnForm =
  /^arn:(aws[a-z-]*):(?:(secretsmanager):([a-z0-9-]+):\d{12}:secret|(ssm):([a-z0-9-]+):\d{12}:parameter\/).+$/;

/**
 * What AWS keeps under this ARN: a secret's text, or a parameter's value, also an encrypted one. Throws INVALID_ARGUMENT
 * for what is no such ARN. `read` rejects with PLATFORM_AUTH where it may not be read or is not there, or
 * PROVIDER_UNAVAILABLE; none of these has any of the text in it.
 *
 * @example
 * const token = kept(process.env.FNMESH_TOKEN_SECRET);
 */
export function kept(arn: string | undefined, environment: Environment = process.env): Kept {
  const place = placeOf(arn ?? "");
  let reading: Promise<string> | undefined;
  const forget = () => {
    reading = undefined;
  };
  return {
    read(signal) {
      if (reading !== undefined) return reading;
      const mine = fetchText(place, environment, signal);
      reading = mine;
      mine.catch(() => {
        if (reading === mine) forget();
      });
      return mine;
    },
    forget,
  };
}

function placeOf(arn: string): Place {
  const [, partition, secrets, secretRegion, ssm, ssmRegion] = arnForm.exec(arn) ?? [];
  const name = secrets ?? ssm;
  const region = secretRegion ?? ssmRegion;
  if (name === undefined || region === undefined) {
    // Not shown: it may be the token itself, in the wrong place.
    throw new FnmeshError("INVALID_ARGUMENT", "this is no ARN of a secret, or of a parameter of SSM", {
      hint: "Set FNMESH_TOKEN_SECRET to arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME.",
    });
  }
  const host = `${name}.${region}.amazonaws.com${partition === "aws-cn" ? ".cn" : ""}`;
  return { arn, name, service: services[name]!, region, host };
}

async function fetchText(place: Place, environment: Environment, signal: AbortSignal): Promise<string> {
  const { arn, name, service, region, host } = place;
  const endpoint = environment[`AWS_ENDPOINT_URL_${service.variable}`] || environment.AWS_ENDPOINT_URL;
  const answer = await signedCall({
    ...{ url: new URL(endpoint || `https://${host}/`), service: name, region },
    ...{ target: service.target, body: service.ask(arn), keys: keysIn(environment), signal },
  });
  if (answer.status !== 200) throw refusal(place, answer.status, answer.text);
  const text = textIn(service, answer.text)?.trim() ?? "";
  if (text !== "") return text;
  throw new FnmeshError("PLATFORM_AUTH", `${arn} holds no text`, {
    hint: "Put the text itself into it: aws secretsmanager put-secret-value, or aws ssm put-parameter.",
  });
}

function keysIn({ AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN }: Environment): AwsKeys {
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
    throw new FnmeshError("PLATFORM_AUTH", "there are no keys of AWS in the environment", {
      hint: "Lambda sets AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for a function's role.",
    });
  }
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    sessionToken: AWS_SESSION_TOKEN || undefined,
  };
}

/** Undefined also for what is no JSON: none of it may get into an error. */
function textIn({ find }: Service, text: string): string | undefined {
  try {
    const found = find(JSON.parse(text) as Answer);
    return typeof found === "string" ? found : undefined;
  } catch {
    return undefined;
  }
}

const notThere = /^(ResourceNotFound|ParameterNotFound|DecryptionFailure)/;

/** By the error's name: the words of errors about signatures have the request's headers in them. */
function refusal({ arn, service }: Place, status: number, text: string): FnmeshError {
  const name = errorName(text) ?? `status ${status}`;
  const message = `${arn} cannot be read: ${name}`;
  if (status >= 500 || /Throttl|TooManyUpdates/.test(name)) {
    return new FnmeshError("PROVIDER_UNAVAILABLE", message, { hint: "The next event tries again." });
  }
  return new FnmeshError("PLATFORM_AUTH", message, {
    hint: notThere.test(name)
      ? "Is the ARN right, and is what it names in this account and region?"
      : `The function's role needs ${service.right} on it, and kms:Decrypt on a key of your own.`,
  });
}

function errorName(text: string): string | undefined {
  try {
    const { __type } = JSON.parse(text) as { readonly __type?: unknown };
    return /[A-Za-z]+$/.exec(String(__type))?.[0];
  } catch {
    return undefined;
  }
}
