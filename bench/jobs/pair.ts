// One pair of workers that measures its own connection, through nothing but the API that every job has: rank 0 sends,
// rank 1 receives, as the steering scenario asks.

import { defineJob, type Peers, type Worker } from "fnmesh";
import { beSteered, type Fields } from "../lib/control.ts";
import { type Measured, pingPong, timed } from "../lib/measure.ts";

export { stores } from "../lib/stores.ts";

export default defineJob({
  name: "bench pair",
  async run({ rank, peers, params }: Worker) {
    await beSteered({
      host: params.host!,
      port: Number(params.port),
      hello: { kind: params.kind!, rank, pid: process.pid },
      handle: (request) => actions[request.do as keyof typeof actions](peers, request as Request),
    });
  },
});

interface Request extends Fields {
  readonly size: number;
  readonly count: number;
}

const acknowledgement = new Uint8Array(1);

const actions = {
  async connect(peers: Peers): Promise<Measured> {
    await peers.connectAll();
    return {};
  },

  /** Rank 0: many messages one way; done when rank 1 has them all. */
  async send(peers: Peers, { size, count }: Request): Promise<Measured> {
    const message = new Uint8Array(size).fill(7);
    return await timed(async () => {
      for (let sent = 0; sent < count; sent += 1) await peers.send(1, message);
      await peers.receive({ from: 1 });
    });
  },

  async receive(peers: Peers, { size, count }: Request): Promise<Measured> {
    for (let received = 0; received < count; received += 1) {
      const { value } = await peers.receive<Uint8Array>({ from: 0 });
      if (value.byteLength !== size) throw new Error(`a message of ${value.byteLength} bytes, not ${size}`);
    }
    await peers.send(0, acknowledgement);
    return {};
  },

  /** Rank 0: one message at a time, there and back. */
  async ping(peers: Peers, { size, count }: Request): Promise<Measured> {
    const message = new Uint8Array(size).fill(7);
    return await pingPong(count, async () => {
      await peers.send(1, message);
      await peers.receive({ from: 1 });
    });
  },

  async echo(peers: Peers, { count }: Request): Promise<Measured> {
    for (let echoed = 0; echoed < count; echoed += 1) {
      const { value } = await peers.receive<Uint8Array>({ from: 0 });
      await peers.send(0, value);
    }
    return {};
  },
};
