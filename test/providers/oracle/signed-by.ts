// What Oracle's cloud checks of a request (docs.oracle.com/iaas/Content/API/Concepts/signingrequests.htm), for tests.

import { createHash, type KeyObject, verify } from "node:crypto";
import type { IncomingMessage } from "node:http";

const mostSkewMs = 5 * 60_000;
const always = ["date", "(request-target)", "host"];
const withBody = [...always, "content-length", "content-type", "x-content-sha256"];

/** Undefined for a request that who has the key has signed, as it is and just now; else what is wrong. */
export const refuseUnsigned =
  (keyId: string, key: KeyObject) =>
  (request: IncomingMessage, body: Buffer): string | undefined => {
    const { headers, method = "", url = "" } = request;
    const [, said = ""] = /^Signature (.*)$/.exec(headers.authorization ?? "") ?? [];
    const fields = new Map([...said.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
    if (fields.get("keyId") !== keyId || fields.get("algorithm") !== "rsa-sha256") return "unknown key";
    const names = (fields.get("headers") ?? "").split(" ");
    const needed = /^(POST|PUT)$/.test(method) ? withBody : always;
    const missing = needed.find((name) => !names.includes(name));
    if (missing !== undefined) return `${missing} is not signed`;
    if (Math.abs(Date.now() - Date.parse(headers.date!)) > mostSkewMs) return "the clock is wrong";
    const hash = createHash("sha256").update(body).digest("base64");
    if (needed === withBody && headers["x-content-sha256"] !== hash) return "the body is another";
    const target = `${method.toLowerCase()} ${url}`;
    const text = names.map((name) => `${name}: ${name === "(request-target)" ? target : headers[name]}`);
    const signature = Buffer.from(fields.get("signature") ?? "", "base64");
    return verify("sha256", Buffer.from(text.join("\n")), key, signature) ? undefined : "wrong signature";
  };
