// TLS 1.3 with a pre-shared key over a connected socket (RFC 8446, section 4.2.11): both sides prove that they hold
// the key and agree on a fresh one, so a recorded handshake is of no use. No certificates.

import {
  type ConnectionOptions,
  connect,
  createSecureContext,
  type SecureContext,
  TLSSocket,
  type TLSSocketOptions,
} from "node:tls";
import type { CancelSignal } from "../env/canceller.ts";
import type { Socket } from "../env/env.ts";
import { FnmeshError } from "../errors/errors.ts";

/** The one suite: AES with 128 bits has hardware support on every function platform, and SHA-256 fits the key. */
export const pskCipher = "TLS_AES_128_GCM_SHA256";

const settings = { minVersion: "TLSv1.3", maxVersion: "TLSv1.3", ciphers: pskCipher } as const;

/**
 * Making a context costs more than a handshake, so a process that makes many connections shares one. Without an empty
 * `ca` Node would read every root certificate that it knows: longer than all the rest of a worker's start.
 */
let context: SecureContext | undefined;
const sharedContext = () => {
  context ??= createSecureContext({ ...settings, ca: [] });
  return context;
};

export interface PskServerOptions {
  /** The key that belongs to an identity; undefined refuses it. */
  readonly keyOf: (identity: string) => Uint8Array | undefined;
  readonly signal: CancelSignal;
}

export interface PskClientOptions {
  readonly identity: string;
  readonly key: Uint8Array;
  readonly signal: CancelSignal;
}

/** Rejects with AUTH when the other side does not know the key, or with the signal's reason; the socket is destroyed then. */
export async function pskServer(
  socket: Socket,
  { keyOf, signal }: PskServerOptions,
): Promise<{ readonly socket: TLSSocket; readonly identity: string }> {
  let known: string | undefined;
  const secured = new TLSSocket(socket, {
    ...settings,
    isServer: true,
    secureContext: sharedContext(),
    pskCallback: (_: unknown, identity: string) => {
      const key = keyOf(identity);
      if (key !== undefined) known = identity;
      return key ?? null;
    },
  } as TLSSocketOptions);
  await handshake(secured, socket, "secure", signal);
  // A handshake without a pre-shared key would need a certificate, which this side does not have; still, be sure.
  if (known === undefined) {
    socket.destroy();
    throw new FnmeshError("AUTH", "the peer did not use a pre-shared key");
  }
  return { socket: secured, identity: known };
}

/** Rejects with AUTH when the other side does not know the key, or with the signal's reason; the socket is destroyed then. */
export async function pskClient(
  socket: Socket,
  { identity, key, signal }: PskClientOptions,
): Promise<TLSSocket> {
  const secured = connect({
    ...settings,
    socket,
    secureContext: sharedContext(),
    // The key is the identity: there is no certificate whose name could be checked.
    checkServerIdentity: () => undefined,
    pskCallback: () => ({ identity, psk: key }),
  } as ConnectionOptions);
  await handshake(secured, socket, "secureConnect", signal);
  return secured;
}

function handshake(
  secured: TLSSocket,
  socket: Socket,
  success: "secure" | "secureConnect",
  signal: CancelSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      secured.off(success, succeeded);
      secured.off("error", failed);
      secured.off("close", closed);
      signal.removeEventListener("abort", aborted);
    };
    const fail = (reason: unknown) => {
      settle();
      secured.on("error", () => {}); // The failure has its reader already.
      secured.destroy();
      socket.destroy();
      reject(reason);
    };
    const succeeded = () => {
      settle();
      resolve();
    };
    const failed = (cause: Error) =>
      fail(new FnmeshError("AUTH", `the secure handshake failed: ${cause.message}`, { cause }));
    const closed = () =>
      fail(new FnmeshError("AUTH", "the peer closed the connection during the secure handshake"));
    const aborted = () => fail(signal.reason);
    secured.on(success, succeeded);
    secured.on("error", failed);
    secured.on("close", closed);
    signal.addEventListener("abort", aborted);
    if (signal.aborted) aborted();
  });
}
