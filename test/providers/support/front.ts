// What stands in front of a platform's functions: it takes requests as the platform does, finds an instance for each,
// and treats invocations as the plan of faults says.

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { Invocation } from "@fnmesh/core/internal";
import { createFaults, type Faults } from "./faults.ts";
import { type Answered, gone, type Instance, readAll } from "./instance.ts";

export interface FrontOptions {
  /** A new instance. */
  readonly start: () => Promise<Instance>;
  /** What the platform answers instead of invoking: no right, no such function. */
  readonly check?: (request: IncomingMessage) => Answered | undefined;
  /** Headers of a request that its instance gets, too. */
  readonly headers?: readonly string[];
  readonly throttled?: Answered;
  readonly lost?: Answered;
  /** So many instances take turns, as behind a service of Kubernetes. Default: one more whenever all are busy. */
  readonly replicas?: number;
  /** Told when an instance has ended within a request. True: its caller's connection ends with it. */
  readonly onEnd?: () => boolean;
}

export interface Front extends AsyncDisposable {
  readonly url: string;
  readonly faults: Faults;
  /** How many instances it has started. */
  instances(): number;
}

const tooMany: Answered = { status: 429, text: "Rate exceeded." };
const wentAway: Answered = { status: 502, text: "the instance went away" };

export async function startFront(options: FrontOptions): Promise<Front> {
  const { start, check, throttled = tooMany, lost = wentAway, replicas, onEnd, headers = [] } = options;
  const faults = createFaults();
  const pool = replicas === undefined ? growing(start) : taking(start, replicas);
  const server = createServer((request, response) => {
    void answer(request, response).then(
      ({ status, text }) => response.writeHead(status).end(text),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  server.requestTimeout = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<Answered> {
    const body = await readAll(request);
    const refused = check?.(request);
    if (refused !== undefined) return refused;
    const plan = faults.next(JSON.parse(body.toString()) as Invocation);
    if (plan.throttled) return throttled;
    if (plan.lost) return lost;
    await pause(plan.delayMs, undefined, { ref: false });
    const told = headers.map((name) => [name, String(request.headers[name] ?? "")]);
    const passed = Object.fromEntries(told) as Record<string, string>;
    const deliveries = Array.from({ length: plan.times }, () => pool.post(body, response, passed));
    const [first] = await Promise.all(deliveries);
    if (first !== gone) return first!;
    if (onEnd?.() === true) response.destroy();
    return wentAway;
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults,
    instances: pool.size,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await pool.end();
    },
  };
}

interface Pool {
  readonly post: Instance["post"];
  size(): number;
  end(): Promise<void>;
}

/** One request at a time in each instance. */
function growing(start: () => Promise<Instance>): Pool {
  const all: Promise<Instance>[] = [];
  const free: Instance[] = [];
  return {
    async post(body, caller, headers) {
      let instance = free.pop();
      if (instance === undefined) {
        const starting = start();
        all.push(starting);
        instance = await starting;
      }
      const answered = await instance.post(body, caller, headers);
      if (answered !== gone) free.push(instance);
      return answered;
    },
    size: () => all.length,
    end: () => endAll(all),
  };
}

/** As many as there are, one after another; one that has ended is started again. */
function taking(start: () => Promise<Instance>, replicas: number): Pool {
  const all: Promise<Instance>[] = [];
  const pods = Array.from({ length: replicas }, () => start());
  all.push(...pods);
  let turn = 0;
  return {
    async post(body, caller, headers) {
      const place = turn++ % replicas;
      if (!(await pods[place]!).isAlive()) {
        pods[place] = start();
        all.push(pods[place]);
      }
      return await (await pods[place]!).post(body, caller, headers);
    },
    size: () => all.length,
    end: () => endAll(all),
  };
}

async function endAll(all: readonly Promise<Instance>[]): Promise<void> {
  await Promise.all(all.map((starting) => starting.then((instance) => instance.end()).catch(() => {})));
}
