// From a connected socket to a link whose other end has proved to belong to the pair.

import { PeerFrameReader, type PeerFrameSink } from "../channel/peer-frame-reader.ts";
import type { CancelSignal } from "../env/canceller.ts";
import type { Random, Socket } from "../env/env.ts";
import { protocolError, toFnmeshError } from "../errors/errors.ts";
import { authenticatePlain } from "./plain-auth.ts";
import { pskClient, pskServer } from "./psk.ts";
import { StreamLink } from "./stream-link.ts";

export interface SecureLinkOptions {
  readonly socket: Socket;
  /** The reader with which the socket was dialled, if it was. */
  readonly reader: LinkReader | undefined;
  readonly key: Uint8Array;
  /** The lower rank is the TLS server. */
  readonly role: "lower" | "higher";
  readonly encrypt: boolean;
  readonly random: Random;
  readonly signal: CancelSignal;
}

/** A pair's TLS identity names nothing: both ends know which pair the socket is for. */
const pairIdentity = "fnmesh pair";

const noFramesYet: PeerFrameSink = {
  place: () => refuseEarly(),
  frame: () => refuseEarly(),
};

function refuseEarly(): never {
  throw protocolError("the peer sent data before its handshake");
}

/** A frame reader that exists before the link whose failure it has to report. */
export class LinkReader extends PeerFrameReader {
  onBroken: (error: Error) => void = () => {};

  constructor() {
    super(noFramesYet, (error) => this.onBroken(toFnmeshError(error, "PROTOCOL")));
  }
}

/** Rejects with AUTH or the signal's reason; destroying the socket then is the caller's part. */
export async function secureLink(options: SecureLinkOptions): Promise<StreamLink> {
  const { socket, key, role, encrypt, random, signal } = options;
  const reader = options.reader ?? new LinkReader();
  const readsInPlace = options.reader !== undefined;
  if (encrypt) {
    const secured = await tlsSocket(socket, role, key, signal);
    return makeLink(secured, reader, readsInPlace, true);
  }
  const link = makeLink(socket, reader, readsInPlace, false);
  await authenticatePlain(link, { key, role, random, signal });
  return link;
}

function makeLink(socket: Socket, reader: LinkReader, readsInPlace: boolean, encrypted: boolean): StreamLink {
  const link = new StreamLink({ socket, reader, readsInPlace, encrypted });
  reader.onBroken = (error) => link.destroy(error);
  return link;
}

async function tlsSocket(
  socket: Socket,
  role: "lower" | "higher",
  key: Uint8Array,
  signal: CancelSignal,
): Promise<Socket> {
  if (role === "higher") return pskClient(socket, { identity: pairIdentity, key, signal });
  const keyOf = (identity: string) => (identity === pairIdentity ? key : undefined);
  return (await pskServer(socket, { keyOf, signal })).socket;
}
