// Workers behind a balancer, and those who lie about it: at both ports, over real sockets.

import { once } from "node:events";
import net from "node:net";
import { type Endpoint, type Invocation, nodeEnv, nodeNet } from "@fnmesh/core/internal";
import { decodeObserved, FrameDecoder, mostObserveFrameBytes } from "@fnmesh/core/protocol";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createOrchestrator } from "../../create-orchestrator.ts";
import { createTestBench, type TestBench } from "../../jobs/testing/test-bench.ts";
import type { RefusalReason } from "../refusals.ts";
import { joinAs } from "../testing/fake-worker.ts";
import { binaryHeader, healthHeader, textHeader } from "./testing/headers.ts";
import { tinyBalancer } from "./testing/tiny-balancer.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function openBench(proxies: readonly string[] = ["127.0.0.0/8"]): Promise<TestBench> {
  const bench = await createTestBench({ orchestrator: { proxies } });
  closers.push(bench.close);
  return bench;
}

async function openBalancer(target: Endpoint, header: (client: Endpoint) => Uint8Array, afterClient = false) {
  const listen = { host: "127.0.0.1", port: 0 };
  const balancer = await tinyBalancer({ net: nodeNet, listen, target, header, afterClient });
  closers.push(balancer.close);
  return balancer;
}

const through = (invocation: Invocation, port: number): Invocation => ({
  ...invocation,
  orchestrator: { ...invocation.orchestrator, port },
});

/** Sends bytes as the balancer would, and resolves with what comes until the connection is over. */
async function send(port: number, ...pieces: readonly Uint8Array[]): Promise<Buffer> {
  const socket = net.connect(port, "127.0.0.1");
  socket.on("error", () => {}); // A reset is one of the ways to be turned away.
  const answer: Buffer[] = [];
  socket.on("data", (bytes) => answer.push(bytes));
  const closed = once(socket, "close");
  for (const piece of pieces) {
    if (!socket.destroyed) await new Promise((written) => socket.write(piece, written));
  }
  await closed;
  return Buffer.concat(answer);
}

const counted = ({ orchestrator }: TestBench, reason: RefusalReason, count = 1) =>
  vi.waitFor(() => expect(orchestrator.stats().refused[reason]).toBe(count));
const refusals = ({ orchestrator }: TestBench) =>
  Object.values(orchestrator.stats().refused).reduce((sum, count) => sum + count, 0);

const far: Endpoint = { host: "203.0.113.7", port: 41_234 };
const farV6: Endpoint = { host: "2001:db8::7", port: 41_234 };

describe("a worker behind a balancer", () => {
  test.each([
    ["version 1", textHeader],
    ["version 2", binaryHeader],
    ["version 2 with fields of its own", (from: Endpoint) => binaryHeader(from, Buffer.alloc(200, 4))],
  ])("is seen where the balancer sees it: %s", async (_, header) => {
    const bench = await openBench();
    const balancer = await openBalancer(bench.orchestrator.address, header);
    const { job, invocations } = await bench.submit();
    const workers = await Promise.all(invocations.map((each) => joinAs(through(each, balancer.port))));
    const seen = workers.map(({ welcome }) => welcome.observed);
    expect(seen).toEqual(workers.map(({ localPort }) => ({ host: "127.0.0.1", port: localPort })));
    await bench.finish(workers);
    expect((await job.report).job.status).toBe("succeeded");
  });

  test.each([
    [far, textHeader],
    [farV6, binaryHeader],
  ])("is told that address at the observe port too: %j", async (from, header) => {
    const bench = await openBench();
    const decoder = new FrameDecoder(mostObserveFrameBytes);
    const frames = [...decoder.push(await send(bench.orchestrator.address.observePort, header(from)))];
    expect(frames.map(decodeObserved)).toEqual([from]);
  });

  test("whose handshake comes with the header in one packet, or in many, is let in", async () => {
    const bench = await openBench();
    const balancer = await openBalancer(bench.orchestrator.address, binaryHeader, true);
    const { job, invocations } = await bench.submit({ workers: 1 });
    await bench.finish([await joinAs(through(invocations[0]!, balancer.port))]);
    expect((await job.report).job.status).toBe("succeeded");
    const bytes = binaryHeader(far);
    const answer = await send(
      bench.orchestrator.address.observePort,
      ...Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)),
    );
    expect(answer.toString("latin1")).toContain(far.host);
  });

  test("is counted by its own address when it fails, and not by the balancer's", async () => {
    const bench = await openBench();
    await send(bench.orchestrator.address.port, binaryHeader(far), Buffer.from("GET / HTTP/1.1\r\n\r\n"));
    await counted(bench, "handshake");
    expect(bench.log.text()).toContain(far.host);
  });
});

describe("who is no balancer", () => {
  test("is refused, whatever header it brings", async () => {
    const bench = await openBench(["192.0.2.0/24"]);
    const { port, observePort } = bench.orchestrator.address;
    expect(await send(port, binaryHeader(far))).toHaveLength(0);
    await counted(bench, "proxy-untrusted");
    expect(await send(observePort, binaryHeader(far))).toHaveLength(0);
    await counted(bench, "proxy-untrusted", 2);
  });

  test.each<[string, Buffer]>([
    ["no header", Buffer.from([0x16, 3, 1, 2, 0])],
    ["a malformed one", Buffer.from("PROXY TCP4 203.0.113.7 10.0.0.5 0 7420\r\n")],
    ["an oversized one", Buffer.from(`PROXY ${"x".repeat(200)}`)],
  ])("and comes from its address is refused: %s", async (_, bytes) => {
    const bench = await openBench();
    const { port, observePort } = bench.orchestrator.address;
    expect(await send(port, bytes)).toHaveLength(0);
    await counted(bench, "proxy-header");
    expect(await send(observePort, bytes)).toHaveLength(0);
    await counted(bench, "proxy-header", 2);
  });

  test("and ends in mid-header is refused", async () => {
    const bench = await openBench();
    const socket = net.connect(bench.orchestrator.address.port, "127.0.0.1");
    socket.end(binaryHeader(far).subarray(0, 20));
    await once(socket, "close");
    await counted(bench, "proxy-header");
  });

  test("does not get an answer without a balancer: a header is rubbish there", async () => {
    const bench = await createTestBench();
    closers.push(bench.close);
    await send(bench.orchestrator.address.port, binaryHeader(far));
    await counted(bench, "handshake");
  });
});

test.each<[string, Buffer]>([
  ["LOCAL", healthHeader],
  ["UNKNOWN", Buffer.from("PROXY UNKNOWN\r\n")],
])("a balancer that asks for health is no refusal: %s", async (_, header) => {
  const bench = await openBench();
  const { port, observePort } = bench.orchestrator.address;
  for (const each of [port, observePort]) expect(await send(each, header)).toHaveLength(0);
  const silent = net.connect(port, "127.0.0.1");
  silent.end();
  await once(silent, "close");
  expect(refusals(bench)).toBe(0);
});

test("an orchestrator that closes does not wait for headers, and leaves no socket", async () => {
  const bench = await openBench();
  const socket = net.connect(bench.orchestrator.address.port, "127.0.0.1");
  socket.on("error", () => {}); // A reset is one of the ways to be closed.
  const closed = once(socket, "close");
  await once(socket, "connect");
  await bench.close();
  await closed;
});

test("a network of everybody is refused before anything listens", async () => {
  const options = { env: nodeEnv(), providers: [], proxies: ["0.0.0.0/0"] };
  await expect(createOrchestrator(options)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});
