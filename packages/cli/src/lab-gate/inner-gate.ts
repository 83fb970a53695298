// The gate's inner side: one port on the lab's internet for each store. Who connects is joined with a socket that the
// outer process has connected to the store.

import { createServer, type Server, type Socket } from "node:net";
import type { StoreSettings } from "@fnmesh/stores";
import { type GateAnswer, type GateRequest, isGateMessage } from "./outer-gate.ts";
import { targetsOf, throughGate } from "./targets.ts";

export interface InnerGate {
  /** As they read in the lab. */
  readonly stores: StoreSettings;
  /** Ends all connections. May be called twice. */
  close(): Promise<void>;
}

/** The part of `process` that it needs. */
export type Channel = Pick<NodeJS.Process, "send" | "on" | "off" | "channel">;

type Waiting = (error: string | undefined, socket: Socket | undefined) => void;

/** `host`: an address on the lab's internet. Rejects when it cannot listen there. */
export async function openInnerGate(
  stores: StoreSettings,
  host: string,
  channel: Channel,
): Promise<InnerGate> {
  const requests = requestsOver(channel);
  const sockets = new Set<Socket>();
  const servers: Server[] = [];
  const close = async () => {
    requests.close();
    for (const socket of sockets) socket.destroy();
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  };
  try {
    const ports = new Map<string, number>();
    for (const path of targetsOf(stores).keys()) {
      const server = createServer({ noDelay: true }, (inner) => {
        track(inner, sockets);
        requests.ask(path, (error, outer) => {
          if (outer === undefined || inner.destroyed) {
            outer?.destroy();
            return void (error === undefined ? inner.destroy() : inner.resetAndDestroy());
          }
          track(outer, sockets);
          join(inner, outer);
        });
      });
      servers.push(server);
      ports.set(path, await listen(server, host));
    }
    return { stores: throughGate(stores, host, ports), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function requestsOver(channel: Channel) {
  const waiting = new Map<number, Waiting>();
  let last = 0;
  const onMessage = (message: unknown, handle: unknown) => {
    if (!isGateMessage<GateAnswer>(message)) return;
    const taken = waiting.get(message.id);
    waiting.delete(message.id);
    const socket = handle as Socket | undefined;
    if (taken === undefined) socket?.destroy();
    else taken(message.error, socket);
  };
  channel.on("message", onMessage);
  // It must not keep the process alive: the lab's run does, for as long as it takes.
  channel.channel?.unref();
  return {
    ask(path: string, answered: Waiting) {
      last += 1;
      waiting.set(last, answered);
      const request: GateRequest = { type: "fnmesh-gate", id: last, path };
      channel.send?.(request);
    },
    close() {
      channel.off("message", onMessage);
      waiting.clear();
    },
  };
}

function listen(server: Server, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, () => resolve((server.address() as { port: number }).port));
  });
}

function track(socket: Socket, all: Set<Socket>): void {
  all.add(socket);
  socket.once("close", () => all.delete(socket));
}

/** Bytes go both ways, each as fast as its reader; the end of either is the end of the other. */
function join(a: Socket, b: Socket): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    from.pipe(to);
    from.once("error", () => to.resetAndDestroy());
    from.once("close", () => to.destroySoon());
  }
}
