// What the cases of net-contract.suite.ts work with: sockets and listeners of one host that are closed after the test.

import { onTestFinished } from "vitest";
import type { Listener, Net, Socket } from "../env/env.ts";

export const host = "127.0.0.1";

type ErrorWithCode = Error & { readonly code?: unknown };

/** "connected", or the code of the error. */
export const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "connected",
    (error: ErrorWithCode) => (typeof error.code === "string" ? error.code : error.name),
  );

export class Places {
  readonly #net: Net;
  readonly #closers: (() => void | Promise<void>)[] = [];

  constructor(net: Net) {
    this.#net = net;
    onTestFinished(async () => {
      for (const close of this.#closers.reverse()) await close();
    });
  }

  async dial(port: number, localPort?: number): Promise<Socket> {
    const socket = await this.#net.dial({ host, port, ...(localPort === undefined ? {} : { localPort }) });
    return this.keep(socket);
  }

  keep(socket: Socket): Socket {
    socket.on("error", () => undefined);
    this.#closers.push(() => void socket.resetAndDestroy());
    return socket;
  }

  async listen(port = 0): Promise<{ listener: Listener; port: number; next: () => Promise<Socket> }> {
    const accepted: Socket[] = [];
    let wake = () => {};
    const onConnection = (socket: Socket) => {
      accepted.push(this.keep(socket));
      wake();
    };
    const listener = await this.#net.listen({ host, port, onConnection });
    this.#closers.push(() => void listener.close());
    const next = async (): Promise<Socket> => {
      while (accepted.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return accepted.shift()!;
    };
    return { listener, port: listener.port, next };
  }

  async pair(): Promise<{ near: Socket; far: Socket }> {
    const { port, next } = await this.listen();
    const near = await this.dial(port);
    return { near, far: await next() };
  }
}

export const closed = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    let code = "without an error";
    socket.on("error", (error: ErrorWithCode) => {
      code = String(error.code);
    });
    socket.on("close", () => resolve(code));
  });

export const bytesOf = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 7) & 0xff);

export async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
