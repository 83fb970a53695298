// Brings the bare workers of a lab together, each pair once, and reports by which way it met.

import { type ChildProcess, spawn } from "node:child_process";
import net from "node:net";
import { createInterface } from "node:readline";
import type { Lab } from "../lab.ts";
import { expectedPath } from "../profiles.ts";
import type { Place } from "../topology.ts";
import type { Dialling, Meeting, Offer, Way } from "./bare-worker.ts";

export interface PairMeeting {
  /** Profiles and, where one NAT is before both, an "=": "reset restricted", "shared = shared". */
  readonly pair: string;
  readonly expected: "direct" | "relay";
  readonly way: Way | null;
  /** The most simultaneous dials that either side made. */
  readonly soTries: number;
}

/** How long a pair may try. One that must not meet needs only as long as another takes to meet. */
const tryMs = { direct: 10_000, relay: 250 };

type Pair = readonly [number, number];

/** Every rank meets every other once; in each round all are busy with one other (the circle method). */
function* rounds(ranks: readonly number[]): Generator<readonly Pair[]> {
  const circle: (number | undefined)[] = ranks.length % 2 === 0 ? [...ranks] : [...ranks, undefined];
  const half = circle.length / 2;
  for (let round = 1; round < circle.length; round++) {
    const pairs = circle.slice(0, half).map((rank, i) => [rank, circle[circle.length - 1 - i]]);
    yield pairs.filter((pair): pair is [number, number] => !pair.includes(undefined));
    circle.splice(1, 0, circle.pop());
  }
}

/** `last`: which of two ranks is told to dial only when the other has dialled. */
export async function meshOf(
  lab: Lab,
  ranks: readonly number[],
  last: (a: number, b: number) => number,
): Promise<readonly PairMeeting[]> {
  const observers = await Promise.all([observer(lab.orchestratorHost), observer(lab.orchestratorHost)]);
  const ports = observers.map(({ port }) => port);
  const workers = new Map(ranks.map((rank) => [rank, startWorker(lab, rank, ports)]));
  try {
    const offers = new Map<number, Offer>();
    for (const [rank, { next }] of workers) offers.set(rank, await next<Offer>("offer"));
    const meet = async ([a, b]: Pair): Promise<PairMeeting> => {
      const { pair, expected } = promise(lab.places[a]!, lab.places[b]!);
      const begin = (rank: number, peer: number) =>
        workers.get(rank)!.ask({ peer: offers.get(peer)!, withinMs: tryMs[expected] });
      const second = last(a, b);
      const first = second === a ? b : a;
      await begin(first, second);
      await begin(second, first);
      const sides = await Promise.all([a, b].map((rank) => workers.get(rank)!.next<Meeting>("met")));
      const way = sides[0]!.way ?? sides[1]!.way;
      return { pair, expected, way, soTries: Math.max(...sides.map(({ soTries }) => soTries)) };
    };
    const meetings: PairMeeting[] = [];
    for (const round of rounds(ranks)) meetings.push(...(await Promise.all(round.map(meet))));
    return meetings;
  } finally {
    await Promise.all([...workers.values()].map(({ end }) => end()));
    for (const { close } of observers) close();
  }
}

function promise(a: Place, b: Place): Pick<PairMeeting, "pair" | "expected"> {
  const sameNat = a.nat !== undefined && a.nat === b.nat;
  const names = [a.profile, b.profile].sort().join(sameNat ? " = " : " ");
  return { pair: names, expected: expectedPath(a.profile, b.profile, sameNat) };
}

/** Tells whoever dials from where it sees them, and lets them stay. */
async function observer(host: string) {
  const server = net.createServer((socket) => {
    socket.on("error", () => {}).resume();
    socket.write(`${socket.remoteAddress} ${socket.remotePort}\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return { port: (server.address() as net.AddressInfo).port, close: () => server.close() };
}

interface WorkerProcess {
  /** The next thing it says under a key. */
  next<T>(key: "offer" | "dialled" | "met"): Promise<T>;
  /** Has it dial a peer, and resolves when its first SYNs are on their way. */
  ask(dialling: Dialling): Promise<unknown>;
  end(): Promise<void>;
}

function startWorker(lab: Lab, rank: number, ports: readonly number[]): WorkerProcess {
  const options = { rank, address: lab.places[rank]!.address, host: lab.orchestratorHost, ports };
  const command = [process.execPath, process.argv[1]!, "bare-worker", JSON.stringify(options)];
  const [tool, ...rest] = [...lab.enter(rank), ...command];
  const child = spawn(tool!, rest, { stdio: ["pipe", "pipe", "inherit"] });
  const said: Record<string, unknown[]> = { offer: [], dialled: [], met: [] };
  let wake = () => {};
  createInterface({ input: child.stdout }).on("line", (line) => {
    for (const [key, value] of Object.entries(JSON.parse(line) as object)) said[key]!.push(value);
    wake();
  });
  child.once("exit", () => wake());
  const next = async <T>(key: string) => {
    while (said[key]!.length === 0) {
      if (hasEnded(child)) throw new Error(`worker ${rank} ended before it said "${key}"`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return said[key]!.shift() as T;
  };
  return {
    next,
    ask(dialling) {
      child.stdin.write(`${JSON.stringify(dialling)}\n`);
      return next("dialled");
    },
    end: () => killed(child),
  };
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

const killed = (child: ChildProcess) =>
  new Promise<void>((resolve) => {
    if (hasEnded(child)) return resolve();
    child.once("exit", () => resolve());
    child.kill("SIGKILL");
  });
