// Requests to Oracle's cloud carry a signature over what they ask for
// (docs.oracle.com/iaas/Content/API/Concepts/signingrequests.htm; draft-cavage-http-signatures-08).

import { createHash, sign } from "node:crypto";
import type { HttpCall } from "../kit/http-call.ts";
import type { Identity } from "./identity.ts";

type Call = Omit<HttpCall, "signal">;

/**
 * The call with its date, the hash of its body and its signature.
 *
 * @example
 * await httpCall({ ...signed({ url, method: "GET" }, identity, new Date()), signal });
 */
export function signed(call: Call, { keyId, key }: Identity, now: Date): Call {
  const url = new URL(call.url);
  const method = (call.method ?? "GET").toLowerCase();
  const headers: Record<string, string> = { ...call.headers, host: url.host, date: now.toUTCString() };
  const names = ["date", "(request-target)", "host"];
  if (method === "post" || method === "put") {
    const body = call.raw ?? "";
    headers["x-content-sha256"] = createHash("sha256").update(body).digest("base64");
    headers["content-length"] = String(Buffer.byteLength(body));
    headers["content-type"] ??= "application/json";
    names.push("content-length", "content-type", "x-content-sha256");
  }
  const target = `${method} ${url.pathname}${url.search}`;
  const lines = names.map((name) => `${name}: ${name === "(request-target)" ? target : headers[name]}`);
  const signature = sign("sha256", Buffer.from(lines.join("\n")), key).toString("base64");
  const fields = { version: "1", keyId, algorithm: "rsa-sha256", headers: names.join(" "), signature };
  const said = Object.entries(fields).map(([name, value]) => `${name}="${value}"`);
  return { ...call, headers: { ...headers, authorization: `Signature ${said.join(",")}` } };
}
