// Strangers that find a worker's listener while a job runs: they are turned away, and the job does not notice.

import type { Socket } from "@fnmesh/core/internal";
import type { VirtualHost } from "@fnmesh/core/testing";
import { expect, it } from "vitest";
import { runSession, type Session } from "./session.suite.ts";

/** The ports on which a worker listens. */
const doorsOf = ({ lab }: Session, rank: number): number[] =>
  lab.network
    .openSockets()
    .filter(({ host, state }) => host === `worker ${rank}` && state === "listening")
    .map(({ local }) => local.port);

const gone = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.on("error", () => undefined);
    socket.on("close", () => resolve());
    socket.resume();
  });

const strangers: readonly (readonly [string, (socket: Socket) => void])[] = [
  ["says nothing", () => undefined],
  ["says half a token, and waits", (socket) => void socket.write(new Uint8Array(8))],
  ["guesses a token", (socket) => void socket.write(new Uint8Array(16).fill(7))],
  ["talks HTTP", (socket) => void socket.write("GET / HTTP/1.1\r\nHost: worker\r\n\r\n")],
  ["sends without end", (socket) => void socket.write(new Uint8Array(200_000).fill(255))],
  ["leaves at once", (socket) => void socket.resetAndDestroy()],
];

it.each(strangers)("one that %s", async (_what, act) => {
  let stranger: VirtualHost | undefined;
  let doors = 0;
  const outcome = await runSession({
    workers: ["none", "none", "restricted"],
    prepare: ({ lab }) => {
      stranger = lab.network.host({ name: "stranger", address: "198.51.100.66" });
    },
    run: async ({ rank, size, peers, barrier }, session) => {
      // Before the workers know each other, and while they do.
      for (const _time of [1, 2]) {
        if (rank === 0) {
          const ports = doorsOf(session, 1);
          doors += ports.length;
          const host = session.lab.workers[1]!.hostAddresses()[0]!;
          const sockets = await Promise.all(ports.map((port) => stranger!.dial({ host, port })));
          const ends = sockets.map(gone);
          for (const socket of sockets) act(socket);
          await Promise.all(ends);
        }
        await peers.connectAll();
        await barrier();
      }
      await peers.send((rank + 1) % size, "all is well");
      return (await peers.receive()).value;
    },
  });
  expect(doors).toBeGreaterThan(0);
  expect(outcome.report.error).toBeNull();
  expect(outcome.report.result).toBe("all is well");
  expect(outcome.report.pairs).toMatchObject({ direct: 3, relay: 0 });
});

it("a stranger with a wrong token is logged, with the address and without the token", async () => {
  const token = Buffer.from("a token that nobody gave", "utf8").subarray(0, 16);
  const outcome = await runSession({
    workers: ["none", "none"],
    run: async ({ rank, peers, barrier }, session) => {
      await peers.connectAll();
      if (rank === 0) {
        const [port] = doorsOf(session, 1);
        const stranger = session.lab.network.host({ name: "stranger", address: "198.51.100.66" });
        const socket = await stranger.dial({
          host: session.lab.workers[1]!.hostAddresses()[0]!,
          port: port!,
        });
        const end = gone(socket);
        socket.write(token);
        await end;
      }
      await barrier();
    },
  });
  const { log } = outcome.envs[1]!;
  expect(log.text()).toContain("198.51.100.66");
  expect(log.messages("warn")).toHaveLength(1);
  for (const form of ["utf8", "hex", "base64", "base64url"] as const) {
    expect(log.text()).not.toContain(token.toString(form));
  }
});
