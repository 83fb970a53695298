// What a relay process and the orchestrator say to each other. docs/PROTOCOL.md draws it. The frames are those of all
// fnmesh connections; each holds one JSON message.

import { FnmeshError } from "@fnmesh/core";
import { encodeFrame, type Frame, shape as is, mostControlFrameBytes } from "@fnmesh/core/protocol";

export const registrationFrame = { message: 1 } as const;
/** A relay that comes back names all jobs that it knows. */
export const mostRegistrationFrameBytes = mostControlFrameBytes;

/** A relay tells how busy it is so often, and hears an answer: both know by it that the other is there. */
export const loadEveryMs = 2_000;
/** Without a word for so long, the other side is taken for gone. */
export const relaySilenceMs = 15_000;
/** A token is a secret that strangers may guess at without asking anybody. */
export const leastTokenCharacters = 16;

const job = is.text(64);
const rank = is.whole(0, 99_999);
const worker = { job, rank, attempt: is.whole(0, 999) };

/** Messages that a relay sends. */
export const fromRelay = {
  /** First message. */
  register: is.object({
    version: is.whole(0, 65_535),
    /** Where workers dial it. */
    host: is.text(64),
    port: is.whole(1, 65_535),
    relayedBytes: is.whole(),
    /** Jobs that it knows from before: it is told which of them are over. */
    jobs: is.listOf(job, 10_000),
  }),
  load: is.object({
    jobs: is.whole(),
    connections: is.whole(),
    /** Since its start. */
    relayedBytes: is.whole(),
  }),
  /** A worker dials it: may it come in, and by which key? */
  key: is.object(worker),
  /** A worker sent to one whose connection has ended. */
  undeliverable: is.object({ job, from: rank, to: rank }),
};

/** Messages that the orchestrator sends to a relay. */
export const toRelay = {
  /** It may be given pairs now. */
  registered: is.object({}),
  /** The answer to `load`. */
  heard: is.object({}),
  /** The answer to `key`. Without a key the worker is refused. */
  key: is.object({ ...worker, size: is.whole(0, 100_000), key: is.maybe(is.text(64)) }),
  /** The job is over. */
  forget: is.object({ job }),
};

type Table = Readonly<Record<string, is.Shape<object>>>;
type MessageOf<T extends Table> = { [K in keyof T]: { readonly type: K } & is.Infer<T[K]> }[keyof T];
export type RelayMessage = MessageOf<typeof fromRelay>;
export type ToRelayMessage = MessageOf<typeof toRelay>;

export const encodeRegistration = (message: RelayMessage | ToRelayMessage): Uint8Array =>
  encodeFrame(registrationFrame.message, Buffer.from(JSON.stringify(message)));

function decodeWith<T extends Table>(table: T, frame: Frame): MessageOf<T> {
  try {
    if (frame.type !== registrationFrame.message) throw new Error(`frame type ${frame.type}`);
    const json: unknown = JSON.parse(Buffer.from(frame.body).toString());
    const type = typeof json === "object" && json !== null && "type" in json ? json.type : undefined;
    if (typeof type !== "string" || !Object.hasOwn(table, type)) throw new Error("unknown message type");
    return { ...table[type]!(json, type), type } as MessageOf<T>;
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new FnmeshError("PROTOCOL", `a message of a relay's registration that cannot be read: ${detail}`);
  }
}

/** Throws PROTOCOL for anything that is not exactly one known message. */
export const decodeFromRelay = (frame: Frame): RelayMessage => decodeWith(fromRelay, frame);
export const decodeToRelay = (frame: Frame): ToRelayMessage => decodeWith(toRelay, frame);
