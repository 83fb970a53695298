// Azure's queue service: one message for each invocation, and requests that are signed with the account's key
// (learn.microsoft.com/rest/api/storageservices/put-message and …/authorize-with-shared-key).

import { createHmac } from "node:crypto";
import { FnmeshError } from "@fnmesh/core";
import { type HttpAnswer, type HttpCall, httpCall } from "../kit/http-call.ts";
import { queueName } from "./app-package.ts";
import type { AzureSettings } from "./settings.ts";

/** What nobody has taken by then starts nothing any more. */
const messageSeconds = 300;
const version = "2024-11-04";

type Place = Pick<AzureSettings, "account" | "queues">;

/**
 * Puts an event into the app's queue. Resolves with the message's id. Rejects with THROTTLED, NOT_DEPLOYED,
 * PLATFORM_AUTH, LAUNCH_FAILED or PROVIDER_UNAVAILABLE.
 */
export async function enqueue(
  place: Place,
  key: string,
  event: object,
  signal: AbortSignal,
): Promise<string> {
  const base = place.queues ?? `https://${place.account}.queue.core.windows.net`;
  const url = new URL(`${base}/${queueName}/messages?messagettl=${messageSeconds}`);
  // The trigger expects base64, as the older SDKs wrote it.
  const text = Buffer.from(JSON.stringify(event)).toString("base64");
  const raw = `<QueueMessage><MessageText>${text}</MessageText></QueueMessage>`;
  const call = { url, method: "POST", raw, headers: { "content-type": "application/xml" } };
  const answer = await httpCall({ ...signedCall(call, place.account, key, new Date()), signal });
  const id = /<MessageId>([^<]+)<\/MessageId>/.exec(answer.text)?.[1];
  if (answer.status === 201 && id !== undefined) return id;
  throw refusal(answer);
}

interface SignedCall extends Omit<HttpCall, "signal" | "body"> {
  readonly url: URL;
  readonly method: string;
  readonly raw: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** With its date, the version and the signature. */
export function signedCall(call: SignedCall, account: string, key: string, now: Date): SignedCall {
  const { url, method, raw } = call;
  const headers = { ...call.headers, "x-ms-date": now.toUTCString(), "x-ms-version": version };
  const length = Buffer.byteLength(raw);
  const own = Object.entries(headers)
    .filter(([name]) => name.startsWith("x-ms-"))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}:${value}\n`);
  const query = [...url.searchParams].map(([name, value]) => `\n${name.toLowerCase()}:${value}`).sort();
  const lines = [
    method,
    ...["", ""], // Content-Encoding, Content-Language
    length === 0 ? "" : String(length),
    "", // Content-MD5
    headers["content-type" as keyof typeof headers] ?? "",
    ...["", "", "", "", "", ""], // Date (there is x-ms-date), the If-… headers, Range
    `${own.join("")}/${account}${url.pathname}${query.join("")}`,
  ];
  const signature = createHmac("sha256", Buffer.from(key, "base64"))
    .update(lines.join("\n"))
    .digest("base64");
  return { ...call, headers: { ...headers, authorization: `SharedKey ${account}:${signature}` } };
}

function refusal({ status, text }: HttpAnswer): FnmeshError {
  const said = (/<Code>([^<]+)<\/Code>/.exec(text)?.[1] ?? text.trim()).slice(0, 200);
  const message = `Azure's queue service answered ${status}: ${said}`;
  if (status === 429 || status === 503) {
    return new FnmeshError("THROTTLED", message, { hint: "Fewer workers, or wait a little." });
  }
  if (status === 404)
    return new FnmeshError("NOT_DEPLOYED", message, { hint: "Deploy it first: fnmesh deploy." });
  if (status === 401 || status === 403) {
    return new FnmeshError("PLATFORM_AUTH", message, {
      hint: "Is AZURE_STORAGE_KEY that of the account? Without it, az is asked for the key.",
    });
  }
  return new FnmeshError("LAUNCH_FAILED", message);
}
