// Asks the orchestrator how it sees a connection from one of this worker's ports.

import type { Endpoint, Env, Socket } from "../env/env.ts";
import { limitedSignal } from "../env/limited-signal.ts";
import { FrameDecoder } from "../protocol/frame.ts";
import { decodeObserved, mostObserveFrameBytes } from "../protocol/observe.ts";

export interface ObserveOptions {
  readonly env: Env;
  /** The orchestrator's observe port. */
  readonly observer: Endpoint;
  readonly localPort: number;
  readonly signal: AbortSignal;
}

/** An orchestrator whose observe port does not answer costs this much, once, and no job. */
const observeMs = 3_000;

/** Means nothing: there are balancers that pass a connection on when its client has spoken, and not before. */
const firstByte = new Uint8Array(1);

/** How the orchestrator sees a connection from `localPort`; undefined when it cannot be asked from there. */
export async function observe({
  env,
  observer,
  localPort,
  signal,
}: ObserveOptions): Promise<Endpoint | undefined> {
  const limit = limitedSignal(env.clock, observeMs, () => new Error("no observation"), signal);
  try {
    const socket = await env.net.dial({ ...observer, localPort, signal: limit.signal });
    socket.write(firstByte);
    return await firstObservation(socket, limit.signal);
  } catch {
    return undefined; // Taken port, firewall, silence: one observation less, and the mapping stays unknown.
  } finally {
    limit.cancel();
  }
}

/** Reads to the end: the orchestrator closes first, so that TIME_WAIT is on its side and not on the port. */
function firstObservation(socket: Socket, signal: AbortSignal): Promise<Endpoint | undefined> {
  const decoder = new FrameDecoder(mostObserveFrameBytes);
  let endpoint: Endpoint | undefined;
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      socket.destroy();
      reject(error);
    };
    signal.addEventListener("abort", () => fail(signal.reason), { once: true });
    socket.on("error", fail);
    socket.on("close", () => resolve(endpoint));
    socket.on("data", (chunk: Uint8Array) => {
      try {
        for (const frame of decoder.push(chunk)) endpoint ??= decodeObserved(frame);
      } catch (error) {
        fail(error);
      }
    });
    socket.on("end", () => socket.end());
  });
}
