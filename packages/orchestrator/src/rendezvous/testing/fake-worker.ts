// A worker that says exactly what a test tells it to, over real sockets: the protocol without core's own client.

import type { TLSSocket } from "node:tls";
import { type Invocation, nodeNet, pskClient } from "@fnmesh/core/internal";
import {
  type Blob,
  connectionIdentity,
  connectionKey,
  controlFrame,
  decodeBlob,
  decodeOrchestratorMessage,
  encodeBlob,
  encodeMessage,
  type Frame,
  FrameDecoder,
  type MessageBody,
  mostControlFrameBytes,
  type OrchestratorMessage,
  type Purpose,
  protocolVersion,
  type WorkerMessage,
} from "@fnmesh/core/protocol";

export interface RawConnection {
  readonly socket: TLSSocket;
  readonly localPort: number;
  /** Resolves with the next frame; rejects when the connection ends first. */
  next(): Promise<Frame>;
  readonly closed: Promise<void>;
}

export interface DialOverrides {
  readonly identity?: string;
  readonly key?: Uint8Array;
}

/** Dials and authenticates as the invocation's worker, or with what a test puts in its place. */
export async function dialAs(
  invocation: Invocation,
  purpose: Purpose,
  overrides: DialOverrides = {},
): Promise<RawConnection> {
  const { host, port } = invocation.orchestrator;
  const plain = await nodeNet.dial({ host, port });
  const secret = Buffer.from(invocation.secret, "base64url");
  const socket = await pskClient(plain, {
    identity: overrides.identity ?? connectionIdentity(purpose, invocation),
    key: overrides.key ?? connectionKey(secret, purpose, invocation),
    signal: AbortSignal.timeout(10_000),
  });
  return frameConnection(socket, plain.localPort ?? 0);
}

function frameConnection(socket: TLSSocket, localPort: number): RawConnection {
  const frames: Frame[] = [];
  const waiting: { resolve: (frame: Frame) => void; reject: (error: Error) => void }[] = [];
  const decoder = new FrameDecoder(mostControlFrameBytes);
  let over = false;
  socket.on("error", () => {}); // "close" follows, which the waiting learn of.
  socket.on("data", (chunk) => {
    for (const frame of decoder.push(chunk)) {
      const waiter = waiting.shift();
      if (waiter === undefined) frames.push(frame);
      else waiter.resolve(frame);
    }
  });
  const closed = new Promise<void>((resolve) =>
    socket.once("close", () => {
      over = true;
      for (const { reject } of waiting.splice(0)) reject(new Error("the connection is closed"));
      resolve();
    }),
  );
  const next = () => {
    const frame = frames.shift();
    if (frame !== undefined) return Promise.resolve(frame);
    if (over) return Promise.reject(new Error("the connection is closed"));
    return new Promise<Frame>((resolve, reject) => waiting.push({ resolve, reject }));
  };
  return { socket, localPort, next, closed };
}

export interface FakeWorker extends RawConnection {
  readonly invocation: Invocation;
  readonly welcome: MessageBody<OrchestratorMessage, "welcome">;
  send(message: WorkerMessage): void;
  sendBlob(blob: Blob): void;
  /** The next message of that type; others before it are kept for later. Pings are answered by themselves. */
  message<K extends OrchestratorMessage["type"]>(type: K): Promise<MessageBody<OrchestratorMessage, K>>;
  blob(): Promise<Blob>;
}

export const helloOf = ({ job, rank, attempt }: Invocation): MessageBody<WorkerMessage, "hello"> => ({
  type: "hello",
  version: protocolVersion,
  job,
  rank,
  attempt,
  node: process.version,
  cachedCode: [],
});

/** Dials, says hello and waits for the welcome. */
export async function joinAs(invocation: Invocation): Promise<FakeWorker> {
  const connection = await dialAs(invocation, "control");
  connection.socket.write(encodeMessage(helloOf(invocation)));
  const inbox = createInbox(connection);
  const welcome = await inbox.message("welcome");
  return {
    ...connection,
    ...inbox,
    invocation,
    welcome,
    send: (message) => void connection.socket.write(encodeMessage(message)),
    sendBlob: (blob) => void connection.socket.write(encodeBlob(blob)),
  };
}

function createInbox({ next, socket }: RawConnection): Pick<FakeWorker, "message" | "blob"> {
  const messages: OrchestratorMessage[] = [];
  const blobs: Blob[] = [];
  const read = async (): Promise<void> => {
    const { type, body } = await next();
    if (type === controlFrame.blob) {
      blobs.push(decodeBlob(body));
      return;
    }
    const message = decodeOrchestratorMessage(body);
    if (message.type === "ping") socket.write(encodeMessage({ type: "pong", id: message.id }));
    else messages.push(message);
  };
  return {
    async message(type) {
      for (;;) {
        const at = messages.findIndex((message) => message.type === type);
        if (at >= 0) return messages.splice(at, 1)[0] as never;
        await read();
      }
    },
    async blob() {
      while (blobs.length === 0) await read();
      return blobs.shift()!;
    },
  };
}
