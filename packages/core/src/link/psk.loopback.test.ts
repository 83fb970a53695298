import { once } from "node:events";
import net from "node:net";
import { afterEach, expect, test } from "vitest";
import { FnmeshError } from "../errors/errors.ts";
import { pskClient, pskServer } from "./psk.ts";

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

async function socketPair(): Promise<[net.Socket, net.Socket]> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted = once(server, "connection") as Promise<[net.Socket]>;
  const dialled = net.connect((server.address() as net.AddressInfo).port, "127.0.0.1");
  const [other] = await accepted;
  open.push(
    () => server.close(),
    () => dialled.destroy(),
    () => other.destroy(),
  );
  return [dialled, other];
}

const key = Buffer.alloc(32, 7);
const signal = () => AbortSignal.timeout(5_000);

test("both sides with one key talk, and the server learns the identity", async () => {
  const [a, b] = await socketPair();
  const [client, server] = await Promise.all([
    pskClient(a, { identity: "pair 1 2", key, signal: signal() }),
    pskServer(b, { keyOf: (identity) => (identity === "pair 1 2" ? key : undefined), signal: signal() }),
  ]);
  expect(server.identity).toBe("pair 1 2");
  expect(client.getCipher().name).toBe("TLS_AES_128_GCM_SHA256");
  expect(client.getProtocol()).toBe("TLSv1.3");
  client.write("over");
  expect(String((await once(server.socket, "data"))[0])).toBe("over");
});

test.each([
  ["a wrong key", { identity: "pair", key: Buffer.alloc(32, 8) }],
  ["an unknown identity", { identity: "other", key }],
])("%s is refused on both sides", async (_, wrong) => {
  const [a, b] = await socketPair();
  const results = await Promise.allSettled([
    pskClient(a, { ...wrong, signal: signal() }),
    pskServer(b, { keyOf: (identity) => (identity === "pair" ? key : undefined), signal: signal() }),
  ]);
  const [client, server] = results;
  expect(server.status).toBe("rejected");
  expect((server as PromiseRejectedResult).reason).toBeInstanceOf(FnmeshError);
  expect((server as PromiseRejectedResult).reason.code).toBe("AUTH");
  expect(client.status).toBe("rejected");
});

test("a silent peer is given up at the signal, and its socket is closed", async () => {
  const [, b] = await socketPair();
  const abort = new AbortController();
  const handshake = pskServer(b, { keyOf: () => key, signal: abort.signal });
  abort.abort(new FnmeshError("DEADLINE", "too late"));
  await expect(handshake).rejects.toMatchObject({ code: "DEADLINE" });
  expect(b.destroyed).toBe(true);
});

test("rubbish instead of a handshake is refused", async () => {
  const [a, b] = await socketPair();
  const handshake = pskServer(b, { keyOf: () => key, signal: signal() });
  a.write(Buffer.alloc(300, 0x55));
  await expect(handshake).rejects.toMatchObject({ code: "AUTH" });
});
