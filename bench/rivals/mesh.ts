// The mesh scenario's rival: bare sockets. Each process dials a trivial server from a port of its choice, gets the
// list of all endpoints that the server saw, and dials all of them from that same port at once. No handshake, no
// introduction by pairs, no retry: the least that a mesh through NATs can take. A program: HOST PORT RANK

import net from "node:net";
import { beSteered, type Fields, type Json } from "../lib/control.ts";

interface Endpoint {
  readonly host: string;
  readonly port: number;
}

const dialWithinMs = 20_000;
const now = () => performance.timeOrigin + performance.now();
// Below the ephemeral ports, so that nobody else has it; far apart for processes that share an address.
const localPort = 10_000 + Math.floor(Math.random() * 20_000);

/** Resolves with how long it took, in milliseconds. */
function dial({ host, port }: Endpoint): Promise<number> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port, localPort, noDelay: true });
    const timer = setTimeout(() => reject(new Error(`no answer from ${host}:${port}`)), dialWithinMs);
    socket.once("error", reject);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", reject);
      socket.on("error", () => {}); // At the end all processes go at once, some with a reset.
      resolve(performance.now() - start);
    });
  });
}

async function connectAll({ peers, rank }: Fields): Promise<Json> {
  const others = (peers as unknown as readonly Endpoint[]).filter((_, other) => other !== rank);
  const times = await Promise.all(others.map(dial));
  return { times, doneAt: now() };
}

async function main([host, port, rank]: readonly string[]): Promise<void> {
  const hello = { rank: Number(rank) };
  await beSteered({ host: host!, port: Number(port), localPort, hello, handle: connectAll });
  process.exit(0);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
