// Pairs whose path changes while they talk: from the relay to a socket of their own, whatever the moment.

import type { Worker } from "@fnmesh/core";
import type { Segment, VirtualHost } from "@fnmesh/core/testing";
import { expect, it } from "vitest";
import { pathsOf, runSession, type Session } from "./session.suite.ts";

const isWorker = ({ name }: VirtualHost): boolean => name.startsWith("worker");

/** No SYN passes between the workers before that time (virtual milliseconds). */
const closedUntil =
  (ms: number) =>
  ({ lab, clock }: Session): void => {
    lab.network.fault(
      ({ kind }: Segment, from, to) => isWorker(from) && isWorker(to) && kind === "syn" && clock.now() < ms,
    );
  };

const messages = 400;

/** Numbered messages of many sizes both ways, for `forMs`; each side checks what comes. Tells when which path was seen. */
async function talk(worker: Worker, { clock }: Session, forMs: number): Promise<readonly string[]> {
  const { rank, peers } = worker;
  const paths: string[] = [];
  const pause = () =>
    new Promise<void>((resolve) => {
      clock.setTimer(forMs / messages, resolve);
    });
  const send = async () => {
    for (let index = 0; index < messages; index += 1) {
      const bytes = new Uint8Array(4 + ((index * 977) % 30_000)).fill(index);
      new DataView(bytes.buffer).setUint32(0, index);
      await peers.send(1 - rank, bytes);
      const path = peers.connections()[0]!.path;
      if (paths.at(-1) !== path) paths.push(path);
      await pause();
    }
  };
  const receive = async () => {
    for (let index = 0; index < messages; index += 1) {
      const { value } = await peers.receive<Uint8Array>();
      const number = new DataView(value.buffer, value.byteOffset).getUint32(0);
      if (number !== index) throw new Error(`message ${number} came in place of ${index}`);
      if (value.length !== 4 + ((index * 977) % 30_000)) throw new Error(`message ${index} is cut`);
    }
  };
  await Promise.all([send(), receive()]);
  return paths;
}

it.each([1, 2, 3, 4, 5, 6])(
  "the relay carries from the first failed round on, and the socket as soon as it stands (seed %i)",
  async (seed) => {
    const outcome = await runSession({
      workers: ["restricted", "restricted"],
      run: (worker, session) => talk(worker, session, 20_000),
      prepare: closedUntil(2_500 + seed * 300),
      link: { jitterMs: 30 },
      seed,
    });
    expect(outcome.report.error).toBeNull();
    expect(outcome.report.result).toEqual(["relay", "direct"]);
    expect(pathsOf(outcome)).toEqual(["direct", "direct"]);
    expect(outcome.report.pairs).toMatchObject({ direct: 1, relay: 0 });
    expect(outcome.report.paths).toEqual([{ ranks: [0, 1], path: "direct", atMs: expect.any(Number) }]);
    expect(outcome.report.paths[0]!.atMs).toBeGreaterThan(2_000);
    const { direct, relay } = outcome.report.bytes;
    expect([direct > 0, relay > 0]).toEqual([true, true]);
  },
);

it("a mesh in which every first round fails moves to sockets whole, and loses nothing", async () => {
  const size = 8;
  const outcome = await runSession({
    workers: Array.from({ length: size }, () => "restricted" as const),
    prepare: closedUntil(4_000),
    run: async ({ rank, peers }, { clock }) => {
      const others = Array.from({ length: size }, (_, other) => other).filter((other) => other !== rank);
      for (let round = 0; round < 40; round += 1) {
        const sent = others.map((other) => peers.send(other, { round, rank }, { tag: round }));
        const got = await Promise.all(
          others.map((from) => peers.receive<{ round: number; rank: number }>({ from, tag: round })),
        );
        await Promise.all(sent);
        for (const { from, value } of got) {
          if (value.rank !== from || value.round !== round) throw new Error("another message came");
        }
        await new Promise<void>((resolve) => {
          clock.setTimer(500, resolve);
        });
      }
    },
  });
  expect(outcome.report.error).toBeNull();
  expect(outcome.report.pairs).toMatchObject({ direct: (size * (size - 1)) / 2, relay: 0 });
});
