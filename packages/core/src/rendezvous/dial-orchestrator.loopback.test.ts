import { once } from "node:events";
import net from "node:net";
import { afterEach, expect, test } from "vitest";
import { nodeEnv } from "../env/node-env.ts";
import { pskServer } from "../link/psk.ts";
import { connectionKey } from "../protocol/keys.ts";
import { dialOrchestrator } from "./dial-orchestrator.ts";

const secret = Buffer.alloc(32, 5);
const identity = { job: "j0b", rank: 0, attempt: 0 };
const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** A listener that serves its connections in turn by `answers`, and the last of them ever after. */
async function listener(...answers: ((socket: net.Socket) => unknown)[]) {
  const seen = { connections: 0 };
  const server = net.createServer((socket) => {
    open.push(() => socket.destroy());
    socket.on("error", () => {}); // What the dialler gave up.
    const answer = answers[Math.min(seen.connections, answers.length - 1)]!;
    seen.connections += 1;
    void answer(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  open.push(() => server.close());
  const { port } = server.address() as net.AddressInfo;
  const dial = (signal = AbortSignal.timeout(15_000), host = "127.0.0.1") =>
    dialOrchestrator(
      nodeEnv(),
      {
        ...identity,
        version: 1,
        orchestrator: { host, port, observePort: port },
        secret: "",
        timeoutMs: 1,
      },
      secret,
      "relay",
      signal,
    );
  return { seen, server, dial };
}

const serve = (key: Uint8Array) => (socket: net.Socket) =>
  pskServer(socket, { keyOf: () => key, signal: AbortSignal.timeout(15_000) }).catch(() => {});
const slamTheDoor = (socket: net.Socket) => socket.resetAndDestroy();
const rightKey = connectionKey(secret, "relay", identity);

test("a handshake that is cut off is tried again", async () => {
  const { dial, seen } = await listener(slamTheDoor, slamTheDoor, serve(rightKey));
  const { socket } = await dial();
  open.push(() => socket.destroy());
  expect(seen.connections).toBe(3);
});

test("an orchestrator may have a name, of several addresses, and the port is still the chosen one", async () => {
  const { dial, server } = await listener(serve(rightKey));
  const arrived = once(server, "connection") as Promise<[net.Socket]>;
  const { socket, localPort } = await dial(undefined, "localhost");
  open.push(() => socket.destroy());
  expect((await arrived)[0].remotePort).toBe(localPort);
});

test("one that is always cut off is given up after four tries, with what to look at", async () => {
  const { dial, seen } = await listener(slamTheDoor);
  await expect(dial()).rejects.toMatchObject({
    code: "ORCHESTRATOR_UNAVAILABLE",
    hint: expect.stringContaining("reachable"),
  });
  expect(seen.connections).toBe(4);
});

test("a key that is not the orchestrator's is refused once and for all", async () => {
  const { dial, seen } = await listener(serve(Buffer.alloc(32, 6)));
  await expect(dial()).rejects.toMatchObject({ code: "AUTH" });
  expect(seen.connections).toBe(1);
});

test("the wait between two tries ends with the signal", async () => {
  const { dial } = await listener(slamTheDoor);
  await expect(dial(AbortSignal.timeout(100))).rejects.toMatchObject({ name: "TimeoutError" });
});
