// The observe port's whole protocol: the orchestrator says from which endpoint it sees the connection, and closes.
// Two observations from one local port show the NAT's mapping (RFC 5780, section 4.3), as far as one host can.

import type { Endpoint } from "../env/env.ts";
import { protocolError } from "../errors/errors.ts";
import { encodeFrame, type Frame } from "./frame.ts";
import { endpoint as observed } from "./shapes.ts";

const observedType = 1;
export const mostObserveFrameBytes = 256;

export const encodeObserved = (endpoint: Endpoint): Uint8Array =>
  encodeFrame(observedType, new TextEncoder().encode(JSON.stringify(endpoint)));

/** Throws PROTOCOL. */
export function decodeObserved(frame: Frame): Endpoint {
  try {
    if (frame.type !== observedType) throw new Error(`type ${frame.type}`);
    return observed(JSON.parse(Buffer.from(frame.body).toString("utf8")), "observed");
  } catch (cause) {
    throw protocolError("an observation that cannot be read", cause);
  }
}
