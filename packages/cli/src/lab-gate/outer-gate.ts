// The gate's outer side: makes connections to stores in the machine's own network, and hands each as an open socket to
// the process in the lab. It listens nowhere and has no files: with the two processes all of it is gone.

import type { ChildProcess } from "node:child_process";
import { connect, type Socket } from "node:net";
import type { Targets } from "./targets.ts";

/** From inside: "a connection to the store of this path". */
export interface GateRequest {
  readonly type: "fnmesh-gate";
  readonly id: number;
  readonly path: string;
}

/** From outside, with the socket beside it unless there is an error. */
export interface GateAnswer {
  readonly type: "fnmesh-gate";
  readonly id: number;
  readonly error?: string;
}

export const isGateMessage = <M extends GateRequest | GateAnswer>(message: unknown): message is M =>
  typeof message === "object" && message !== null && (message as Partial<M>).type === "fnmesh-gate";

/** A store on the same machine or beside it answers at once. */
const connectMs = 10_000;

/** Answers the sandbox's requests until it ends. */
export function serveGate(sandbox: ChildProcess, targets: Targets): void {
  sandbox.on("message", (message) => {
    if (!isGateMessage<GateRequest>(message)) return;
    const { id, path } = message;
    dial(targets, path).then(
      (socket) => answer(sandbox, { type: "fnmesh-gate", id }, socket),
      (error: NodeJS.ErrnoException) =>
        answer(sandbox, { type: "fnmesh-gate", id, error: error.code ?? "ECONNREFUSED" }),
    );
  });
}

function dial(targets: Targets, path: string): Promise<Socket> {
  const target = targets.get(path);
  if (target === undefined) return Promise.reject(new Error(`no store ${path}`));
  return new Promise((resolve, reject) => {
    const socket = connect({ ...target, noDelay: true });
    // What the store sends is for the one who gets the socket: not a byte of it may be read here.
    socket.pause();
    socket.setTimeout(connectMs, () => socket.destroy(Object.assign(new Error(), { code: "ETIMEDOUT" })));
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.setTimeout(0);
      resolve(socket);
    });
  });
}

function answer(sandbox: ChildProcess, message: GateAnswer, socket?: Socket): void {
  if (!sandbox.connected) return void socket?.destroy();
  // An error: the sandbox has ended meanwhile, and with it whoever waits.
  sandbox.send(message, socket, { keepOpen: false }, () => {});
}
