// The pair scenario's rivals: bare `net`, and bare `tls` (TLS 1.3, a pre-shared key, the cipher that fnmesh uses),
// one process an end. A program: KIND RANK STEERING-PORT

import { once } from "node:events";
import net from "node:net";
import tls from "node:tls";
import { beSteered, type Fields } from "../lib/control.ts";
import { type Measured, pingPong, timed } from "../lib/measure.ts";

// As much as fnmesh lets one peer have under way: with Node's 16 KiB every write would wait for its own drain.
const highWaterMark = 1024 * 1024;

const secure = {
  ciphers: "TLS_AES_128_GCM_SHA256",
  minVersion: "TLSv1.3",
  maxVersion: "TLSv1.3",
  highWaterMark,
} as const;
const psk = Buffer.alloc(32, 1);

const kinds = {
  net: {
    serve: (socket: net.Socket) => Promise.resolve(socket),
    dial: (socket: net.Socket) => Promise.resolve(socket),
  },
  tls: {
    async serve(socket: net.Socket) {
      const options = { ...secure, isServer: true, pskCallback: () => psk };
      const secured = new tls.TLSSocket(socket, options as unknown as tls.TLSSocketOptions);
      await once(secured, "secure");
      return secured;
    },
    async dial(socket: net.Socket) {
      const pskCallback = () => ({ identity: "bench", psk });
      const options = { ...secure, socket, pskCallback, checkServerIdentity: () => undefined };
      const secured = tls.connect(options as unknown as tls.ConnectionOptions);
      await once(secured, "secureConnect");
      return secured;
    },
  },
};

/** A connected socket with what it has received counted. */
class Pair {
  readonly #socket: net.Socket;
  #have = 0;
  #wanted = Number.POSITIVE_INFINITY;
  #resume: () => void = () => {};

  constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.on("data", (chunk) => {
      this.#have += chunk.length;
      if (this.#have >= this.#wanted) this.#resume();
    });
    socket.on("close", () => process.exit(0));
  }

  /** Hands bytes over without a look at how much waits already: for one message whose answer is awaited next. */
  push(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Undefined while the socket takes more; else resolves when it does again. */
  write(bytes: Uint8Array): Promise<unknown> | undefined {
    return this.#socket.write(bytes) ? undefined : once(this.#socket, "drain");
  }

  async take(bytes: number): Promise<void> {
    if (this.#have < bytes) {
      this.#wanted = bytes;
      await new Promise<void>((resolve) => {
        this.#resume = resolve;
      });
      this.#wanted = Number.POSITIVE_INFINITY;
    }
    this.#have -= bytes;
  }
}

interface Request extends Fields {
  readonly size: number;
  readonly count: number;
}

const acknowledgement = Buffer.alloc(1);

const actions = {
  async send(pair: Pair, { size, count }: Request): Promise<Measured> {
    const message = Buffer.alloc(size, 7);
    return await timed(async () => {
      for (let sent = 0; sent < count; sent += 1) {
        const full = pair.write(message);
        if (full !== undefined) await full;
      }
      await pair.take(acknowledgement.length);
    });
  },

  async receive(pair: Pair, { size, count }: Request): Promise<Measured> {
    await pair.take(size * count);
    pair.push(acknowledgement);
    return {};
  },

  async ping(pair: Pair, { size, count }: Request): Promise<Measured> {
    const message = Buffer.alloc(size, 7);
    return await pingPong(count, async () => {
      pair.push(message);
      await pair.take(size);
    });
  },

  async echo(pair: Pair, { size, count }: Request): Promise<Measured> {
    const message = Buffer.alloc(size, 7);
    for (let echoed = 0; echoed < count; echoed += 1) {
      await pair.take(size);
      pair.push(message);
    }
    return {};
  },
};

async function connected(kind: keyof typeof kinds, peer: Fields): Promise<Pair> {
  const socket = net.connect({
    port: Number(peer.port),
    host: "127.0.0.1",
    noDelay: true,
    highWaterMark,
  } as never);
  await once(socket, "connect");
  return new Pair(await kinds[kind].dial(socket));
}

async function main([kind, rank, port]: readonly string[]) {
  const name = kind as keyof typeof kinds;
  const server = net.createServer({ noDelay: true, highWaterMark });
  let pair: Promise<Pair> | undefined;
  if (rank === "1") {
    pair = once(server, "connection").then(async ([socket]) => new Pair(await kinds[name].serve(socket)));
    server.listen({ host: "127.0.0.1", port: 0 });
    await once(server, "listening");
  }
  const listening = server.listening ? (server.address() as net.AddressInfo).port : 0;
  await beSteered({
    host: "127.0.0.1",
    port: Number(port),
    hello: { kind: name, rank: Number(rank), pid: process.pid, port: listening },
    async handle(request) {
      if (request.do === "connect") {
        pair ??= connected(name, request);
        await pair;
        return null;
      }
      return await actions[request.do as keyof typeof actions](await pair!, request as Request);
    },
  });
  process.exit(0);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
