// The Env of a real process: Node's sockets, clock and random source.

import { randomBytes, randomInt } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type TcpNetConnectOpts } from "node:net";
import { networkInterfaces } from "node:os";
import type {
  Clock,
  DialOptions,
  Env,
  Listener,
  ListenOptions,
  Log,
  Net,
  Random,
  Socket,
  Timer,
} from "./env.ts";

/**
 * After a busy stretch, what the network brought meanwhile is handled before any deadline is called missed:
 * immediates run after the poll for I/O, timers before it.
 */
class LateTimer implements Timer {
  readonly #timeout: NodeJS.Timeout;
  readonly #callback: () => void;
  #immediate: NodeJS.Immediate | undefined;

  constructor(delayMs: number, callback: () => void) {
    this.#callback = callback;
    this.#timeout = setTimeout(LateTimer.#due, delayMs, this);
    this.#timeout.unref();
  }

  cancel(): void {
    clearTimeout(this.#timeout);
    if (this.#immediate !== undefined) clearImmediate(this.#immediate);
  }

  static #due(this: void, timer: LateTimer): void {
    // Not unref'd: the loop would go to sleep with it pending, until something else happens.
    timer.#immediate = setImmediate(timer.#callback);
  }
}

export const nodeClock: Clock = {
  now: () => performance.now(),
  setTimer: (delayMs, callback) => new LateTimer(delayMs, callback),
};

export const nodeRandom: Random = {
  bytes: (count) => randomBytes(count),
  int: (from, to) => randomInt(from, to),
};

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

function dial({ host, port, localPort, signal, reader }: DialOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) throw signal.reason;
    const where: TcpNetConnectOpts = { host, port, noDelay: true };
    if (localPort !== undefined) where.localPort = localPort;
    if (reader !== undefined) {
      where.onread = { buffer: () => reader.nextBuffer(), callback: (count) => reader.advance(count) };
    }
    const socket = connect(where);
    const settle = (act: () => void) => {
      socket.off("connect", connected);
      socket.off("error", failed);
      signal?.removeEventListener("abort", aborted);
      act();
    };
    const connected = () => settle(() => resolve(socket));
    const failed = (error: Error) => settle(() => reject(error));
    const aborted = () =>
      settle(() => {
        socket.on("error", ignoreLateError);
        socket.destroy();
        reject(signal!.reason);
      });
    socket.on("connect", connected);
    socket.on("error", failed);
    signal?.addEventListener("abort", aborted);
  });
}

/** A dial that was given up may still report its failure: nobody waits for it any more. */
const ignoreLateError = () => {};

function listen({ host, port, onConnection }: ListenOptions): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true }, onConnection);
    server.on("error", reject);
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      server.off("error", reject);
      // After this, an error is a failed accept (out of descriptors): the connection is lost, the listener is not.
      server.on("error", ignoreLateError);
      resolve({
        port: (server.address() as AddressInfo).port,
        close: () => new Promise((closed) => server.close(() => closed())),
      });
    });
  });
}

function hostAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const usable = all.filter((address) => !(address.family === "IPv6" && address.address.startsWith("fe80:")));
  const outward = usable.filter((address) => !address.internal);
  return (outward.length > 0 ? outward : usable).map((address) => address.address);
}

const ephemeralPortsFile = "/proc/sys/net/ipv4/ip_local_port_range";
/** What RFC 6335 leaves for ephemeral use, for systems that do not say. */
const dynamicPorts = { first: 49_152, last: 65_535 };

function ephemeralPorts(): { first: number; last: number } {
  try {
    const [first, last] = readFileSync(ephemeralPortsFile, "utf8").trim().split(/\s+/).map(Number);
    return first! < last! ? { first: first!, last: last! } : dynamicPorts;
  } catch {
    return dynamicPorts; // Not Linux, or no /proc: the range is a preference, not a need.
  }
}

const devices = "/sys/class/net";
/** Jumbo frames: for systems that do not say, and those that claim more. */
const jumboBytes = 9_216;

function readPacketBytes(): number {
  try {
    const names = readdirSync(devices).filter((name) => name !== "lo");
    const most = Math.max(...names.map((name) => Number(readFileSync(`${devices}/${name}/mtu`))));
    return most > 0 && most < jumboBytes ? most : jumboBytes;
  } catch {
    return jumboBytes;
  }
}

/** The devices are looked at once: a mesh has thousands of connections. */
export const nodeNet: Net = { dial, listen, hostAddresses, ephemeralPorts, packetBytes: readPacketBytes() };

/** Node's own effects. */
export const nodeEnv = ({ log = silentLog }: { readonly log?: Log } = {}): Env => ({
  net: nodeNet,
  clock: nodeClock,
  random: nodeRandom,
  log,
});
