// Every key comes from the job's secret by HKDF (RFC 5869), bound to what it is for: a key that leaks, or a hello
// that is replayed, is of no use for another job, rank, attempt or purpose.

import { createHmac } from "node:crypto";
import { protocolVersion } from "./version.ts";

export interface Identity {
  readonly job: string;
  readonly rank: number;
  readonly attempt: number;
}

/** The two ends of a pair, the lower rank first: never who called first. */
export interface PairIdentity {
  readonly job: string;
  readonly low: { readonly rank: number; readonly attempt: number };
  readonly high: { readonly rank: number; readonly attempt: number };
}

const salt = `fnmesh/${protocolVersion}`;

const hash = "sha512";
const mac = (key: string | Uint8Array, text: string | Uint8Array): Buffer =>
  createHmac(hash, key).update(text).digest();

/** HKDF's first step is the same for all keys of a job: done once, for a worker derives one for each peer. */
const extracted = new WeakMap<Uint8Array, Buffer>();

/** At most 64 bytes: HKDF-Expand gives them in one block. */
function derive(secret: Uint8Array, purpose: string, bytes: number): Buffer {
  const pseudorandom = extracted.get(secret) ?? mac(salt, secret);
  extracted.set(secret, pseudorandom);
  return mac(pseudorandom, `${purpose}\u0001`).subarray(0, bytes);
}

export type Purpose = "control" | "relay";

/** The TLS pre-shared key of a worker's own connection to the orchestrator. */
export const connectionKey = (
  secret: Uint8Array,
  purpose: Purpose,
  { job, rank, attempt }: Identity,
): Buffer => derive(secret, `${purpose} ${job} ${rank} ${attempt}`, 32);

/** The TLS identity that goes with it: in the clear, so it names and proves nothing. */
export const connectionIdentity = (purpose: Purpose, { job, rank, attempt }: Identity): string =>
  `${salt} ${purpose} ${job} ${rank} ${attempt}`;

/** One spelling for each identity: no leading zeros. */
const identityPattern =
  /^fnmesh\/(0|[1-9]\d{0,4}) (control|relay) ([a-z0-9]{1,64}) (0|[1-9]\d{0,4}) (0|[1-9]\d{0,2})$/;

export interface ConnectionIdentity extends Identity {
  readonly purpose: Purpose;
}

/** Undefined for anything that is not an identity of this protocol's version. */
export function parseConnectionIdentity(text: string): ConnectionIdentity | undefined {
  const match = identityPattern.exec(text);
  if (match === null || Number(match[1]) !== protocolVersion) return undefined;
  return { purpose: match[2] as Purpose, job: match[3]!, rank: Number(match[4]), attempt: Number(match[5]) };
}

/** The TLS pre-shared key of a relay process, which holds the orchestrator's relay token. `id` is its own choice. */
export const relayServerKey = (token: string, id: string): Buffer =>
  derive(Buffer.from(token), `relay-server ${id}`, 32);

/** `id`: 1 to 64 of a-z0-9. */
export const relayServerIdentity = (id: string): string => `${salt} relay-server ${id}`;

/** The id; undefined for anything that is not a relay process of this protocol's version. */
export function parseRelayServerIdentity(text: string): string | undefined {
  const id = /^fnmesh\/\d{1,5} relay-server ([a-z0-9]{1,64})$/.exec(text)?.[1];
  return id !== undefined && text === relayServerIdentity(id) ? id : undefined;
}

const pairText = ({ job, low, high }: PairIdentity): string =>
  `${job} ${low.rank} ${low.attempt} ${high.rank} ${high.attempt}`;

export interface PairKeys {
  /** The pre-shared key with which the two prove to each other that they belong to the job. */
  readonly key: Buffer;
  /** What a dialler of a listener shows first, so that the listener knows which pair it is; a stranger cannot guess it. */
  readonly token: Buffer;
}

const pairKeyBytes = 32;
export const pairTokenBytes = 16;

/** Both from one derivation: one part of what HKDF gives says nothing of another (RFC 5869, section 3.2). */
export function pairKeys(secret: Uint8Array, pair: PairIdentity): PairKeys {
  const derived = derive(secret, `pair ${pairText(pair)}`, pairKeyBytes + pairTokenBytes);
  return { key: derived.subarray(0, pairKeyBytes), token: derived.subarray(pairKeyBytes) };
}
