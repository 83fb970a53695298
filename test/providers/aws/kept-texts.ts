// Secrets Manager and SSM's parameter store, as far as one text is asked for: both check who has signed the question, for
// which service and region, as AWS does.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { type Credentials, checkSignature } from "./sigv4.ts";

export interface KeptTexts extends AsyncDisposable {
  /** What Lambda gives a function, with the address of this in the place of AWS's. */
  readonly environment: Readonly<Record<string, string>>;
  /** By ARN. */
  readonly texts: Map<string, string>;
  /** `TARGET ARN`, of all that were answered. */
  readonly asked: string[];
  /** Instead of any answer: the error's name, and words with whatever AWS would say. */
  refusal: { readonly status: number; readonly name: string; readonly words: string } | undefined;
}

export const roleKeys: Credentials = {
  accessKeyId: "ASIAROLE000000000000",
  secretAccessKey: "role-secret-access-key",
  sessionToken: "role-session-token",
};

interface Question {
  readonly SecretId?: string;
  readonly Name?: string;
  readonly WithDecryption?: boolean;
}

const targets: Readonly<
  Record<string, { service: string; notFound: string; answer(text: string): unknown }>
> = {
  "secretsmanager.GetSecretValue": {
    service: "secretsmanager",
    notFound: "ResourceNotFoundException",
    answer: (text) => ({ Name: "a", VersionId: "1", SecretString: text }),
  },
  "AmazonSSM.GetParameter": {
    service: "ssm",
    notFound: "com.amazonaws.ssm#ParameterNotFound",
    answer: (text) => ({ Parameter: { Name: "a", Type: "SecureString", Value: text, Version: 1 } }),
  },
};

export async function keepTexts(given: Readonly<Record<string, string>> = {}): Promise<KeptTexts> {
  const texts = new Map(Object.entries(given));
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const reply = (status: number, content: unknown) =>
        response
          .writeHead(status, { "content-type": "application/x-amz-json-1.1" })
          .end(JSON.stringify(content));
      const { refusal } = kept;
      if (refusal !== undefined)
        return reply(refusal.status, { __type: refusal.name, message: refusal.words });
      const name = String(request.headers["x-amz-target"]);
      const target = targets[name];
      const signed = checkSignature(request, body, [roleKeys]);
      if (!signed.ok) return reply(400, { __type: "InvalidSignatureException", message: signed.detail });
      const { SecretId, Name, WithDecryption } = JSON.parse(body.toString()) as Question;
      const arn = SecretId ?? Name ?? "";
      const isRight =
        target?.service === signed.service &&
        request.headers["content-type"] === "application/x-amz-json-1.1" &&
        arn.startsWith(`arn:aws:${signed.service}:${signed.region}:`) &&
        (SecretId !== undefined || WithDecryption === true);
      if (!isRight) return reply(400, { __type: "ValidationException", message: name });
      const text = texts.get(arn);
      if (text === undefined) return reply(400, { __type: target.notFound });
      kept.asked.push(`${name} ${arn}`);
      return reply(200, target.answer(text));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const kept: KeptTexts = {
    environment: {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_ACCESS_KEY_ID: roleKeys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: roleKeys.secretAccessKey,
      AWS_SESSION_TOKEN: roleKeys.sessionToken!,
    },
    texts,
    asked: [],
    refusal: undefined,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return kept;
}
