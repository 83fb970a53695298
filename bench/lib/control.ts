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

export async function openSteering(host: string, signal: AbortSignal): Promise<Steering> {
  const waiting: { wanted: (hello: Fields) => boolean; count: number; found: End[]; resolve: () => void }[] =
    [];
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    void accept(socket).then(arrived, () => socket.destroy());
  });
  const unclaimed: End[] = [];

  function arrived(end: End) {
    const taker = waiting.find(({ wanted }) => wanted(end.hello));
    if (taker === undefined) unclaimed.push(end);
    else if (taker.found.push(end) === taker.count) taker.resolve();
  }

  server.listen({ host, port: 0 });
  await once(server, "listening", { signal });
  return {
    port: (server.address() as net.AddressInfo).port,
    async ends(count, wanted) {
      const found = unclaimed.filter(({ hello }) => wanted(hello)).slice(0, count);
      for (const end of found) unclaimed.splice(unclaimed.indexOf(end), 1);
      if (found.length === count) return found;
      await new Promise<void>((resolve, reject) => {
        const entry = { wanted, count, found, resolve };
        waiting.push(entry);
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
      return found;
    },
    async close() {
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
