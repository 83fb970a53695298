import { PassThrough } from "node:stream";
import type { Socket } from "@fnmesh/core/internal";
import { afterEach, expect, test } from "vitest";
import { peekIdentity } from "./peek-identity.ts";

const identity = "fnmesh/1 relay j0b 12 3";
const worker = { purpose: "relay", job: "j0b", rank: 12, attempt: 3 };

/** A TLS record that has the identity somewhere, as a ClientHello does, and more behind it. */
function record(text = identity, claimed = text.length): Buffer {
  const name = Buffer.from(text);
  const length = Buffer.from([claimed >> 8, claimed & 255]);
  const body = Buffer.concat([Buffer.alloc(300, 7), length, name, Buffer.from("0000 a binder")]);
  return Buffer.concat([Buffer.from([0x16, 3, 1, body.length >> 8, body.length & 255]), body]);
}

const open: PassThrough[] = [];
afterEach(() => {
  for (const stream of open.splice(0)) stream.destroy();
});
function stream() {
  const socket = new PassThrough();
  open.push(socket);
  const over = new AbortController();
  return { socket, over, peeked: peekIdentity(socket as unknown as Socket, over.signal) };
}
const left = (socket: PassThrough) => (socket.read() as Buffer | null)?.toString("hex");

test("the identity is found, and every byte stays for the handshake", async () => {
  const { socket, peeked } = stream();
  socket.write(record());
  expect(await peeked).toEqual(worker);
  expect(left(socket)).toBe(record().toString("hex"));
});

test("a record that comes in pieces is waited for, wherever it is cut", async () => {
  const whole = record();
  for (const cut of [1, 4, 5, 6, 310, 325, whole.length - 1]) {
    const { socket, peeked } = stream();
    socket.write(whole.subarray(0, cut));
    await new Promise((resolve) => setImmediate(resolve));
    socket.write(whole.subarray(cut));
    expect(await peeked).toEqual(worker);
    expect(left(socket)).toBe(whole.toString("hex"));
  }
});

test.each([
  ["no TLS", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
  ["an identity of somebody else", record("fnmesh/1 control j0b 12 3")],
  ["no identity", record("a relay")],
  ["one that begins the bytes", Buffer.from(identity)],
  ["one whose length is not its own", record(identity, 5000)],
])("of %s nothing is made", async (_, bytes) => {
  const { socket, peeked } = stream();
  socket.write(bytes);
  expect(await peeked).toBeUndefined();
  expect(left(socket)).toBe(bytes.toString("hex"));
});

test("who says nothing is waited for until the deadline", async () => {
  const { over, peeked } = stream();
  over.abort(new Error("too late"));
  await expect(peeked).rejects.toThrow("too late");
});

test("who ends before the record does is waited for no longer", async () => {
  const { socket, peeked } = stream();
  socket.end(record().subarray(0, 20));
  expect(await peeked).toBeUndefined();
});

test("who leaves is waited for no longer", async () => {
  const { socket, peeked } = stream();
  socket.write(record().subarray(0, 20));
  socket.destroy();
  expect(await peeked).toBeUndefined();
});
