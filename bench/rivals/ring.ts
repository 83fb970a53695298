// The raw bandwidth that collectives are held against: bare sockets in a ring, all processes sending and receiving at
// once. As many processes as the job has workers, because they share the machine's processors as those do. A program:
// HOST STEERING-PORT RANK

import { once } from "node:events";
import net from "node:net";
import { beSteered, type Fields, type Json } from "../lib/control.ts";

const chunk = Buffer.alloc(256 * 1024, 7);
// As much as fnmesh lets one peer have under way.
const highWaterMark = 1024 * 1024;
const now = (): number => Number(process.hrtime.bigint()) / 1e6;

interface Ring {
  readonly left: net.Socket;
  readonly right: net.Socket;
}

async function main([host, port, rank]: readonly string[]): Promise<void> {
  const server = net.createServer({ noDelay: true, highWaterMark });
  server.listen({ host: host!, port: 0 });
  await once(server, "listening");
  const left = once(server, "connection").then(([socket]) => quiet(socket as net.Socket));
  let ring: Ring | undefined;
  await beSteered({
    host: host!,
    port: Number(port),
    hello: { kind: "ring", rank: Number(rank), port: (server.address() as net.AddressInfo).port },
    async handle(request) {
      if (request.do === "turn") return await turn(ring!, Number(request.bytes));
      ring = { right: await dial(host!, Number(request.port)), left: await left };
      return null;
    },
  });
  process.exit(0);
}

async function dial(host: string, port: number): Promise<net.Socket> {
  const socket = net.connect({ host, port, noDelay: true, highWaterMark } as net.NetConnectOpts);
  await once(socket, "connect");
  return quiet(socket);
}

function quiet(socket: net.Socket): net.Socket {
  return socket.on("error", () => {}); // At the end all processes go at once, some with a reset.
}

/** So many bytes to the right, and as many from the left. */
async function turn({ left, right }: Ring, bytes: number): Promise<Json> {
  const begun = now();
  await Promise.all([write(right, bytes), take(left, bytes)]);
  return { begun, ended: now() } satisfies Fields;
}

async function write(socket: net.Socket, bytes: number): Promise<void> {
  for (let sent = 0; sent < bytes; sent += chunk.length) {
    if (!socket.write(chunk)) await once(socket, "drain");
  }
}

function take(socket: net.Socket, bytes: number): Promise<void> {
  let have = 0;
  return new Promise((resolve) => {
    const count = (data: Buffer) => {
      have += data.length;
      if (have < bytes) return;
      socket.off("data", count).pause(); // The neighbour may begin the next turn earlier.
      resolve();
    };
    socket.on("data", count).resume();
  });
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
