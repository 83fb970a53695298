// A machine of the virtual network: it implements the `Net` seam, and gives each segment to the connection or the
// listener that it is for. A test can also cut its link, or end it as a killed process ends.

import type { DialOptions, Endpoint, Listener, ListenOptions, Net, Socket, Timer } from "../env/env.ts";
import type { SeededRandom } from "./seeded-random.ts";
import { TcpConnection, type TcpLimits } from "./tcp/connection.ts";
import { ephemeralPorts, PortTable } from "./tcp/port-table.ts";
import { resetFor, type Segment, wantsAnswer } from "./tcp/segment.ts";
import { systemError } from "./tcp/system-error.ts";
import { VirtualSocket } from "./virtual-socket.ts";

export interface HostParts {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly limits: TcpLimits;
  readonly random: SeededRandom;
  readonly now: () => number;
  readonly schedule: (delayMs: number, callback: () => void) => Timer;
  readonly nextAttempt: () => number;
  /** Puts a segment on the host's link. */
  readonly transmit: (segment: Segment) => void;
}

interface HostSocket {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly shareable: boolean;
  readonly connection: TcpConnection;
  stream: VirtualSocket | undefined;
}

interface HostListener {
  readonly port: number;
  /** Undefined: all of the host's addresses. */
  readonly host: string | undefined;
  readonly onConnection: (socket: Socket) => void;
  /** What it has accepted and what is still open. */
  readonly accepted: Set<Socket>;
}

export interface OpenSocket {
  readonly host: string;
  readonly local: Endpoint;
  readonly remote: Endpoint | undefined;
  readonly state: "listening" | "syn-sent" | "syn-received" | "established" | "closed";
}

const isIpv6 = (address: string): boolean => address.includes(":");
const isLoopback = (address: string): boolean => address === "::1" || address.startsWith("127.");

export class VirtualHost implements Net {
  readonly name: string;
  readonly packetBytes = 1_500;
  readonly #parts: HostParts;
  readonly #ports: PortTable<HostSocket, HostListener>;

  constructor(parts: HostParts) {
    this.name = parts.name;
    this.#parts = parts;
    this.#ports = new PortTable((from, to) => parts.random.int(from, to));
  }

  hostAddresses(): readonly string[] {
    return this.#parts.addresses;
  }

  ephemeralPorts(): { readonly first: number; readonly last: number } {
    return ephemeralPorts;
  }

  async dial(options: DialOptions): Promise<Socket> {
    if (options.signal?.aborted) throw options.signal.reason;
    const remote = { host: options.host, port: options.port };
    const local = this.#localFor(remote, options.localPort);
    this.#ports.assertConnectable(local, remote, this.#parts.now());
    return new Promise((resolve, reject) => {
      const shareable = options.localPort !== undefined;
      const socket = this.#openSocket(local, remote, shareable, {
        opened: () => {
          options.signal?.removeEventListener("abort", abort);
          socket.stream = this.#streamOf(socket, options);
          resolve(socket.stream);
        },
        failed: (error) => {
          options.signal?.removeEventListener("abort", abort);
          reject(error);
        },
      });
      const abort = () => {
        socket.connection.close();
        reject(options.signal?.reason);
      };
      options.signal?.addEventListener("abort", abort, { once: true });
      socket.connection.connect();
    });
  }

  async listen({ host = "0.0.0.0", port, onConnection }: ListenOptions): Promise<Listener> {
    const everywhere = host === "0.0.0.0" || host === "::";
    if (!everywhere && !isLoopback(host) && !this.#parts.addresses.includes(host)) {
      throw systemError("EADDRNOTAVAIL", "listen", { host, port });
    }
    const chosen = port === 0 ? this.#ports.ephemeral(host) : port;
    const listener: HostListener = {
      port: chosen,
      host: everywhere ? undefined : host,
      onConnection,
      accepted: new Set(),
    };
    this.#ports.listen(chosen, host, listener);
    return { port: chosen, close: () => this.#unlisten(listener) };
  }

  /** As when the process gets SIGKILL: the kernel closes its sockets and listeners. */
  kill(): void {
    for (const listener of this.#ports.listeners()) void this.#unlisten(listener);
    for (const { connection, stream } of this.#ports.sockets()) {
      if (stream === undefined) connection.close();
      else stream.destroy();
    }
  }

  /** What is open, the sockets of connections that only wait for the peer's FIN left out: they have no owner any more. */
  openSockets(): OpenSocket[] {
    const host = this.name;
    const connected = this.#ports
      .sockets()
      .filter(({ stream }) => stream === undefined || !stream.destroyed)
      .map(({ local, remote, connection }) => ({ host, local, remote, state: connection.state }));
    const listening = this.#ports.listeners().map(({ port }) => ({
      host,
      local: { host: this.#parts.addresses[0]!, port },
      remote: undefined,
      state: "listening" as const,
    }));
    return [...connected, ...listening];
  }

  /** A segment came in on the link. */
  receive(segment: Segment): void {
    const socket = this.#ports.socket(segment.to, segment.from);
    const listener = segment.kind === "syn" ? this.#listenerFor(segment.to) : undefined;
    if (socket !== undefined) socket.connection.receive(segment);
    else if (listener !== undefined) this.#accept(listener, segment);
    else if (wantsAnswer(segment)) this.#parts.transmit(resetFor(segment));
  }

  #listenerFor({ host, port }: Endpoint): HostListener | undefined {
    const listener = this.#ports.listener(port);
    return listener?.host === undefined || listener.host === host ? listener : undefined;
  }

  /** As Node's `server.close`: done when what was accepted has ended, too. */
  async #unlisten(listener: HostListener): Promise<void> {
    if (this.#ports.listener(listener.port) === listener) this.#ports.unlisten(listener.port);
    const open = [...listener.accepted];
    await Promise.all(open.map((socket) => new Promise((closed) => socket.once("close", closed))));
  }

  #localFor(remote: Endpoint, localPort: number | undefined): Endpoint {
    const host = isLoopback(remote.host)
      ? remote.host
      : this.#parts.addresses.find((address) => isIpv6(address) === isIpv6(remote.host));
    if (host === undefined) throw systemError("ENETUNREACH", "connect", remote);
    const local = { host, port: localPort ?? this.#ports.ephemeral(host) };
    this.#ports.assertBindable(local);
    return local;
  }

  #accept(listener: HostListener, syn: Segment): void {
    const socket = this.#openSocket(syn.to, syn.from, true, {
      opened: () => {
        const stream = this.#streamOf(socket, {});
        socket.stream = stream;
        listener.accepted.add(stream);
        stream.once("close", () => listener.accepted.delete(stream));
        listener.onConnection(stream);
      },
      // Nobody has seen it yet, so nobody is to be told.
      failed: () => undefined,
    });
    socket.connection.accept(syn);
  }

  #openSocket(
    local: Endpoint,
    remote: Endpoint,
    shareable: boolean,
    opening: { readonly opened: () => void; readonly failed: (error: Error) => void },
  ): HostSocket {
    const { limits, transmit, schedule, now, nextAttempt } = this.#parts;
    const io = { transmit, schedule, now };
    const owner = {
      opened: opening.opened,
      received: (bytes: Uint8Array) => socket.stream?.arrived(bytes),
      ended: () => socket.stream?.peerEnded(),
      failed: (error: Error) => {
        if (socket.stream === undefined) opening.failed(error);
        else socket.stream.destroy(error);
      },
      released: (timeWait: boolean) => this.#ports.remove(socket, timeWait ? now() : undefined),
    };
    const connection = new TcpConnection({ local, remote, attempt: nextAttempt(), limits, io, owner });
    const socket: HostSocket = { local, remote, shareable, connection, stream: undefined };
    this.#ports.add(socket);
    return socket;
  }

  #streamOf({ connection, local, remote }: HostSocket, { reader }: Partial<DialOptions>): VirtualSocket {
    return new VirtualSocket({ connection, local, remote, reader });
  }
}
