// How a scenario steers the processes that it measures: each dials the scenario's steering port, says who it is, and
// then does what it is asked, one thing at a time. One JSON document a line, both ways; loopback or the lab's network.

import { once } from "node:events";
import net from "node:net";
import { createInterface } from "node:readline";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type Fields = { readonly [key: string]: Json };

/** A process that is steered. */
export interface End {
  readonly hello: Fields;
  /** Where its steering connection comes from, as seen here. */
  readonly from: { readonly host: string; readonly port: number };
  /** Resolves with its answer; rejects with what went wrong there, or when its connection ends. */
  ask<Answer>(request: Fields): Promise<Answer>;
}

export interface Steering {
  readonly port: number;
  /** The next `count` processes whose hello is `wanted`, in the order in which they came. */
  ends(count: number, wanted: (hello: Fields) => boolean): Promise<readonly End[]>;
  /** Ends all steering connections, at which the processes end themselves. May be called twice. */
  close(): Promise<void>;
}

interface Waiting {
  readonly wanted: (hello: Fields) => boolean;
  readonly count: number;
  resolve(ends: readonly End[]): void;
  reject(reason: unknown): void;
}

/** When `signal` is aborted, everything that is asked or waited for rejects. */
export async function openSteering(host: string, signal: AbortSignal): Promise<Steering> {
  const sockets = new Set<net.Socket>();
  const arrived: End[] = [];
  const waiting = new Set<Waiting>();

  const settle = () => {
    for (const entry of waiting) {
      const found = arrived.filter(({ hello }) => entry.wanted(hello)).slice(0, entry.count);
      if (found.length < entry.count) continue;
      waiting.delete(entry);
      for (const end of found) arrived.splice(arrived.indexOf(end), 1);
      entry.resolve(found);
    }
  };
  const server = net.createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    void accept(socket).then(
      (end) => {
        arrived.push(end);
        settle();
      },
      () => socket.destroy(),
    );
  });
  const abort = () => {
    for (const socket of sockets) socket.destroy();
    for (const { reject } of waiting) reject(signal.reason);
  };

  server.listen({ host, port: 0 });
  await once(server, "listening", { signal });
  signal.addEventListener("abort", abort, { once: true });
  return {
    port: (server.address() as net.AddressInfo).port,
    ends: (count, wanted) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted();
        waiting.add({ wanted, count, resolve, reject });
        settle();
      }),
    async close() {
      signal.removeEventListener("abort", abort);
      for (const socket of sockets) socket.destroy();
      if (server.listening) await new Promise((closed) => server.close(closed));
    },
  };
}

interface Pending {
  resolve(answer: unknown): void;
  reject(reason: Error): void;
}

/** Resolves when the process has said hello. */
function accept(socket: net.Socket): Promise<End> {
  return new Promise((resolve, reject) => {
    const from = { host: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 };
    const asked: Pending[] = [];
    let hello: Fields | undefined;
    const ask = <Answer>(request: Fields): Promise<Answer> =>
      new Promise((answered, failed) => {
        if (socket.destroyed) return failed(new Error("the process is gone"));
        asked.push({ resolve: answered as Pending["resolve"], reject: failed });
        socket.write(`${JSON.stringify(request)}\n`);
      });
    onLines(socket, (line) => {
      if (hello === undefined) {
        hello = line as Fields;
        return resolve({ hello, from, ask });
      }
      const { error, answer } = line as { error?: string; answer?: unknown };
      const pending = asked.shift();
      if (error === undefined) pending?.resolve(answer);
      else pending?.reject(new Error(error));
    });
    socket.once("close", () => {
      const gone = new Error(`a measured process ended (${JSON.stringify(hello)})`);
      reject(gone);
      for (const pending of asked.splice(0)) pending.reject(gone);
    });
  });
}

export interface SteeredOptions {
  readonly host: string;
  readonly port: number;
  readonly localPort?: number;
  readonly hello: Fields;
  readonly handle: (request: Fields) => Promise<Json>;
}

/** The process's side: dials, says hello, and answers requests until the other side ends the connection. */
export async function beSteered({ hello, handle, ...address }: SteeredOptions): Promise<void> {
  const socket = net.connect({ ...address, noDelay: true });
  await once(socket, "connect");
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  let turn = Promise.resolve();
  onLines(socket, (line) => {
    turn = turn.then(async () => {
      const reply = await handle(line as Fields).then(
        (answer) => ({ answer }),
        (error: unknown) => ({
          error: error instanceof Error ? (error.stack ?? error.message) : String(error),
        }),
      );
      if (!socket.destroyed) socket.write(`${JSON.stringify(reply)}\n`);
    });
  });
  socket.write(`${JSON.stringify(hello)}\n`);
  await closed;
}

function onLines(socket: net.Socket, onLine: (value: unknown) => void): void {
  // The end of a process shows as a reset or as an end: both are told by "close".
  socket.on("error", () => {});
  createInterface({ input: socket }).on("line", (line) => onLine(JSON.parse(line)));
}
