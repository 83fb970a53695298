// A worker of bare sockets, to test the lab by the very moves that fnmesh makes and with none of its code: it learns its
// endpoints from an observer, exchanges them, and dials its peers from one port while it listens on another. It is told
// what to do line by line, and says what came of it.

import { randomInt } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { readFileSync } from "node:fs";
import net from "node:net";
import { createInterface } from "node:readline";

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** What a worker offers its peers: an endpoint for simultaneous open, and listeners (mapped, own) to dial. */
export interface Offer {
  readonly rank: number;
  readonly so: Endpoint;
  readonly mapped: Endpoint;
  readonly own: Endpoint;
}

export type Way = "so" | "mapped" | "own";
/** By which way the peer was met first, and how many simultaneous dials this side made. */
export interface Meeting {
  readonly rank: number;
  readonly way: Way | null;
  readonly soTries: number;
}

export interface Dialling {
  readonly peer: Offer;
  readonly withinMs: number;
}

const say = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);

function ports(count: number): number[] {
  const range = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8")
    .trim()
    .split(/\s+/)
    .map(Number);
  const found = new Set<number>();
  while (found.size < count) found.add(randomInt(range[0]!, range[1]! + 1));
  return [...found];
}

/** Resolves when the socket has read one line. Quiet about errors: its "close" tells. */
const firstLine = (socket: net.Socket) =>
  new Promise<string | undefined>((resolve) => {
    let text = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      text += chunk;
      if (text.includes("\n")) resolve(text.split("\n")[0]);
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(undefined));
  });

async function observed(localPort: number, { host, port }: Endpoint) {
  const socket = net.connect({ host, port, localPort });
  const line = await firstLine(socket);
  if (line === undefined) throw new Error(`no observer at ${host}:${port}`);
  const [seenHost, seenPort] = line.split(" ");
  return { socket, seen: { host: seenHost!, port: Number(seenPort) } };
}

/** Meets one peer after the other, in all ways at once, until one of them worked. */
function meeter(rank: number, soPort: number) {
  const ways = new Map<number, Way>();
  const changed = new EventEmitter().setMaxListeners(0);
  // Both sides say who they are, and the one who dialled says how: a connection counts when the peer's word is there.
  const greet = async (socket: net.Socket, way?: Way) => {
    const write = () => socket.write(`${rank} ${way ?? "accepted"}\n`);
    if (socket.connecting) socket.once("connect", write);
    else write();
    const line = await firstLine(socket);
    if (line === undefined) return;
    const [peer, theirs] = line.split(" ");
    if (!ways.has(Number(peer))) ways.set(Number(peer), way ?? (theirs as Way));
    changed.emit("change");
  };
  const meet = async ({ peer, withinMs }: Dialling) => {
    const signal = AbortSignal.timeout(withinMs);
    const met = () => ways.get(peer.rank);
    let soTries = 0;
    // A NAT that answers RST ends a dial at once: dial again at once, until the peer's SYN is on its way too.
    const burst = async () => {
      while (met() === undefined && !signal.aborted) {
        soTries++;
        await greet(net.connect({ ...peer.so, localPort: soPort }), "so");
      }
    };
    const dials = [burst(), greet(net.connect(peer.mapped), "mapped"), greet(net.connect(peer.own), "own")];
    say({ dialled: peer.rank });
    void Promise.all(dials);
    while (met() === undefined && !signal.aborted) await once(changed, "change", { signal }).catch(() => {}); // Time is over: the loop ends.
    say({ met: { rank: peer.rank, way: met() ?? null, soTries } satisfies Meeting });
  };
  return { greet, meet };
}

export async function bareWorker(rank: number, address: string, first: Endpoint, second: Endpoint) {
  const [soPort, listenPort] = ports(2);
  const rendezvous = await observed(soPort!, first);
  const other = await observed(listenPort!, second);
  other.socket.resetAndDestroy();
  const { greet, meet } = meeter(rank, soPort!);
  const server = net.createServer((socket) => void greet(socket));
  await new Promise<void>((resolve) => server.listen(listenPort, resolve));
  const own = { host: address, port: listenPort! };
  say({ offer: { rank, so: rendezvous.seen, mapped: other.seen, own } satisfies Offer });
  createInterface({ input: process.stdin })
    .on("line", (line) => void meet(JSON.parse(line) as Dialling))
    .on("close", () => process.exit());
}
