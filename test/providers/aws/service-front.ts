// AWS for tests: one server on this machine that speaks for Lambda, IAM and CloudWatch Logs in their own protocols, checks
// every signature and field, and may be cut off at any call. What it has stands in an account that tests look into.

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { Invocation } from "@fnmesh/core/internal";
import { createFaults, type Faults } from "../support/faults.ts";
import { type Delays, type FakeAccount, type FakeFunction, newAccount } from "./account.ts";
import { iamOperations } from "./iam-api.ts";
import { lambdaOperations } from "./lambda-api.ts";
import { logsOperations } from "./logs-api.ts";
import { protocols } from "./protocols.ts";
import { type Credentials, checkSignature, type Signed } from "./sigv4.ts";
import { AwsFault, checkFields, type Input, type Operation } from "./wire.ts";

/** What runs the functions. Rejects: the delivery failed, and AWS would say so in the function's log. */
export interface Backend {
  invoke(functionName: string, payload: Uint8Array, requestId: string): Promise<void>;
}

export interface FakeCall {
  readonly action: string;
  readonly mutates: boolean;
  readonly input: Input;
}

export type Allows = (action: string, resource: string) => boolean;

export interface FakeAws extends AsyncDisposable {
  readonly url: string;
  /** What makes the SDK speak to this server, with keys that it knows. */
  readonly environment: Readonly<Record<string, string>>;
  readonly account: FakeAccount;
  readonly faults: Faults;
  /** All that were allowed, in order. */
  readonly calls: readonly FakeCall[];
  mutations(): number;
  /** Asked of every right. Default: all may. */
  allows: Allows;
  /**
   * The call that changes something and has this number from now on (from 0) is cut off, and so are all after it; with
   * `once` it alone.
   */
  interrupt(call: number, when: "before" | "after", once?: "once"): void;
  /** Ends an interruption that has come about. */
  revive(): void;
}

export interface FakeAwsOptions {
  readonly region?: string;
  readonly backend?: Backend;
  readonly delays?: Delays;
}

const keys: Credentials = {
  accessKeyId: "AKIDCANARY0000000000",
  secretAccessKey: "canary-secret-access-key",
  sessionToken: "canary-session-token",
};

const noBackend: Backend = { invoke: async () => {} };

export async function startFakeAws({
  region = "eu-central-1",
  backend = noBackend,
  delays,
}: FakeAwsOptions = {}): Promise<FakeAws> {
  const account = newAccount(region, delays);
  const faults = createFaults();
  const calls: FakeCall[] = [];
  const deliveries = new AbortController();
  let interruption: { left: number; readonly when: "before" | "after"; readonly once: boolean } | undefined;
  let isDown = false;

  const take = (found: FakeFunction, payload: Uint8Array, requestId: string): void => {
    const invocation = JSON.parse(Buffer.from(payload).toString()) as Invocation;
    const { throttled, lost, times, delayMs } = faults.next(invocation);
    if (throttled) throw new AwsFault("TooManyRequestsException", 429, "Rate Exceeded.");
    if (lost) return;
    const deliver = async () => {
      if (delayMs > 0) await pause(delayMs, undefined, { ref: false, signal: deliveries.signal });
      await backend.invoke(found.name, payload, requestId);
    };
    // What became of it stands in the function's log, if anywhere.
    for (let time = 0; time < times; time += 1) deliver().catch(() => {});
  };
  const operations: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
    lambda: lambdaOperations(account, take),
    iam: iamOperations(account),
    logs: logsOperations(account),
  };
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => {
      // A defect of this server: the test shows it by an answer that nobody expects.
      response.writeHead(500).end(String(error));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const fake: FakeAws = {
    url,
    environment: {
      AWS_ENDPOINT_URL: url,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
      AWS_SESSION_TOKEN: keys.sessionToken!,
    },
    account,
    faults,
    calls,
    mutations: () => calls.filter(({ mutates }) => mutates).length,
    allows: () => true,
    interrupt(call, when, once) {
      interruption = { left: call, when, once: once !== undefined };
    },
    revive() {
      isDown = false;
    },
    async [Symbol.asyncDispose]() {
      deliveries.abort();
      server.closeAllConnections();
      server.close();
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readAll(request);
    if (isDown) return void request.socket.destroy();
    const signed = checkSignature(request, body, [keys]);
    const protocol = protocols[signed.service] ?? protocols.lambda!;
    const requestId = randomUUID();
    response.setHeader("x-amzn-requestid", requestId);
    try {
      if (!signed.ok) throw refusal(signed);
      const { operation: name, input } = protocol.read(request, body, requestId);
      const operation = operations[signed.service]?.[name];
      if (operation === undefined) throw new AwsFault("UnknownOperationException", 404, name);
      allow(operation, input);
      const hit = hits(operation);
      if (hit === "before") return void request.socket.destroy();
      checkFields(operation, input);
      const said = operation.run(input);
      calls.push({ action: operation.action, mutates: operation.mutates, input });
      if (hit === "after") return void request.socket.destroy();
      protocol.tell(response, name, said);
    } catch (fault) {
      if (!(fault instanceof AwsFault)) throw fault;
      protocol.tellFault(response, fault);
    }
  }

  function allow(operation: Operation, input: Input): void {
    const { action, resource, also } = operation;
    const rights = [{ action, resource: resource(input) }, ...(also?.(input) ?? [])];
    const denied = rights.find((right) => !fake.allows(right.action, right.resource));
    if (denied === undefined) return;
    const message = `User: arn:aws:iam::123456789012:user/ada is not authorized to perform: ${denied.action} on resource: ${denied.resource} because no identity-based policy allows the ${denied.action} action`;
    throw new AwsFault("AccessDenied", 403, message);
  }

  function hits({ mutates }: Operation): "before" | "after" | undefined {
    if (interruption === undefined || !mutates) return undefined;
    interruption.left -= 1;
    if (interruption.left >= 0) return undefined;
    const { when, once } = interruption;
    interruption = undefined;
    isDown = !once;
    return when;
  }
  return fake;
}

/** AWS's own words on a wrong signature have the request in them, and so the session's token. */
function refusal({ service, why, detail }: Extract<Signed, { readonly ok: false }>): AwsFault {
  const isIam = service === "iam";
  if (why === "unsigned")
    return new AwsFault("MissingAuthenticationTokenException", 403, "Missing Authentication Token");
  if (why === "unknown key") {
    const code = isIam ? "InvalidClientTokenId" : "UnrecognizedClientException";
    return new AwsFault(code, 403, "The security token included in the request is invalid.");
  }
  const explained = `The request signature we calculated does not match the signature you provided. The Canonical String for this request should have been\n'${detail}'`;
  return new AwsFault(isIam ? "SignatureDoesNotMatch" : "InvalidSignatureException", 403, explained);
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
