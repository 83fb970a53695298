// The three protocols in which AWS's services speak: what a request asks for, and how answers and errors are told.

import type { IncomingMessage, ServerResponse } from "node:http";
import { queryInput, xmlOf } from "./iam-api.ts";
import { lambdaRoute } from "./lambda-api.ts";
import type { AwsFault, Input } from "./wire.ts";

export interface Read {
  /** By the service's name for it. */
  readonly operation: string;
  readonly input: Input;
}

export interface Protocol {
  read(request: IncomingMessage, body: Buffer, requestId: string): Read;
  tell(response: ServerResponse, operation: string, said: unknown): void;
  tellFault(response: ServerResponse, fault: AwsFault): void;
}

const jsonIn = (body: Buffer): Input => (body.length === 0 ? {} : (JSON.parse(body.toString()) as Input));

function finish(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { "content-type": type });
  response.end(text);
}

/** What is denied has this name in the two protocols of JSON. */
const jsonName = ({ code }: AwsFault): string => (code === "AccessDenied" ? "AccessDeniedException" : code);

/** Statuses of success, where they are not 200. */
const lambdaStatuses: Readonly<Record<string, number>> = {
  CreateFunction: 201,
  Invoke: 202,
  DeleteFunction: 204,
  DeleteFunctionEventInvokeConfig: 204,
  TagResource: 204,
};

const restJson: Protocol = {
  read(request, body, requestId) {
    const { operation, input } = lambdaRoute(request.method!, request.url!.split("?")[0]!);
    if (operation !== "Invoke") return { operation, input: { ...jsonIn(body), ...input } };
    const InvocationType = request.headers["x-amz-invocation-type"];
    return { operation, input: { ...input, InvocationType, Payload: body, requestId } };
  },
  tell(response, operation, said) {
    const isEmpty = said === undefined || operation === "Invoke";
    finish(
      response,
      lambdaStatuses[operation] ?? 200,
      "application/json",
      isEmpty ? "" : JSON.stringify(said),
    );
  },
  tellFault(response, fault) {
    response.setHeader("x-amzn-errortype", jsonName(fault));
    finish(response, fault.status, "application/json", JSON.stringify({ message: fault.message }));
  },
};

const json11Type = "application/x-amz-json-1.1";
const json11: Protocol = {
  read(request, body) {
    const target = /^Logs_20140328\.(\w+)$/.exec(String(request.headers["x-amz-target"]));
    return { operation: target?.[1] ?? "", input: jsonIn(body) };
  },
  tell: (response, _, said) =>
    finish(response, 200, json11Type, said === undefined ? "" : JSON.stringify(said)),
  tellFault(response, fault) {
    // In this protocol all refusals are 400.
    const status = fault.status < 500 ? 400 : fault.status;
    const text = JSON.stringify({ __type: jsonName(fault), message: fault.message });
    finish(response, status, json11Type, text);
  },
};

const requestIdOf = (response: ServerResponse) => response.getHeader("x-amzn-requestid");
const query: Protocol = {
  read: (_, body) => queryInput(body.toString()),
  tell(response, operation, said) {
    const inner = {
      [`${operation}Result`]: said ?? {},
      ResponseMetadata: { RequestId: requestIdOf(response) },
    };
    finish(response, 200, "text/xml", xmlOf({ [`${operation}Response`]: inner }));
  },
  tellFault(response, { code, message, status }) {
    const told = {
      Error: { Type: "Sender", Code: code, Message: message },
      RequestId: requestIdOf(response),
    };
    finish(response, status, "text/xml", xmlOf({ ErrorResponse: told }));
  },
};

/** By the service's name in signatures. Whatever is not signed is taken for a request to Lambda. */
export const protocols: Readonly<Record<string, Protocol>> = { lambda: restJson, logs: json11, iam: query };
