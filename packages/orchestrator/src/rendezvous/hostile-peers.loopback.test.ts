// Strangers and liars at the orchestrator's port: each is turned away in time, counted by reason, logged without a
// secret, and the job beside it runs to its end.

import net from "node:net";
import { type Invocation, nodeNet } from "@fnmesh/core/internal";
import {
  connectionIdentity,
  connectionKey,
  controlFrame,
  decodeOrchestratorMessage,
  encodeFrame,
  encodeMessage,
  encodeRelayData,
  readControlFrame,
  type WorkerMessage,
} from "@fnmesh/core/protocol";
import { test as base, expect, vi } from "vitest";
import { createTestBench, type TestBench } from "../jobs/testing/test-bench.ts";
import type { RefusalReason } from "./refusals.ts";
import { dialAs, helloOf, joinAs } from "./testing/fake-worker.ts";

/** Each test has an orchestrator of its own. */
const alone = base.extend<{ bench: TestBench }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs
  bench: async ({}, use) => {
    const bench = await createTestBench();
    await use(bench);
    await bench.close();
  },
});

/** Most of it is waiting for deadlines, so the tests wait side by side. */
const test = alone.concurrent;

const refused = ({ orchestrator }: TestBench, reason: RefusalReason) => orchestrator.stats().refused[reason];
const counted = (bench: TestBench, reason: RefusalReason, count = 1) =>
  vi.waitFor(() => expect(refused(bench, reason)).toBe(count), { timeout: 10_000 });
const secretOf = ({ secret }: Invocation) => Buffer.from(secret, "base64url");

/** The job of the invocations still runs to its end, and nothing secret was logged. */
async function expectUnharmed(
  bench: TestBench,
  invocations: readonly Invocation[],
  report: Promise<{ job: { status: string } }>,
) {
  const workers = await Promise.all(invocations.map(joinAs));
  for (const worker of workers) worker.send({ type: "result", value: null });
  await Promise.all(workers.map((worker) => worker.message("done")));
  for (const invocation of invocations) bench.exit(invocation, { kind: "completed" });
  expect((await report).job.status).toBe("succeeded");
  for (const { secret } of invocations) {
    expect(bench.log.text()).not.toContain(secret);
    expect(bench.log.text()).not.toContain(Buffer.from(secret, "base64url").toString("hex"));
  }
}

async function strangerSends(bench: TestBench, bytes: Uint8Array): Promise<void> {
  const { host, port } = bench.orchestrator.address;
  const socket = net.connect(port, host);
  socket.on("error", () => {}); // A reset is one of the ways to be turned away.
  socket.write(bytes);
  socket.resume();
  await new Promise((resolve) => socket.once("close", resolve));
}

test("silence is ended by the deadline of the handshake", async ({ bench }) => {
  const { job, invocations } = await bench.submit();
  await strangerSends(bench, new Uint8Array(0));
  await counted(bench, "handshake-timeout");
  await expectUnharmed(bench, invocations, job.report);
}, 20_000);

test.for<[string, Buffer]>([
  ["text", Buffer.from("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n")],
  ["random bytes", Buffer.alloc(4096, 0xa5)],
  [
    "a frame without end, in the clear",
    Buffer.concat([Buffer.from([0xff, 0xff, 0xff, 0xff, 1]), Buffer.alloc(65_536)]),
  ],
])("rubbish is refused at once: %s", async ([, bytes], { bench }) => {
  const { job, invocations } = await bench.submit();
  await strangerSends(bench, bytes);
  await counted(bench, "handshake");
  await expectUnharmed(bench, invocations, job.report);
});

const claims: [
  string,
  RefusalReason,
  (own: Invocation, other: Invocation) => { identity?: string; key?: Uint8Array },
][] = [
  ["a wrong key", "auth", () => ({ key: Buffer.alloc(32, 1) })],
  [
    "another job's key",
    "auth",
    (own, other) => ({ key: connectionKey(secretOf(other), "control", { ...other, job: own.job }) }),
  ],
  [
    "the key of another rank",
    "auth",
    (own) => ({ key: connectionKey(secretOf(own), "control", { ...own, rank: 1 }) }),
  ],
  ["the key of the relay", "auth", (own) => ({ key: connectionKey(secretOf(own), "relay", own) })],
  ["an identity that is none", "unknown-identity", () => ({ identity: "root" })],
  [
    "a job that does not run here",
    "unknown-job",
    (own) => ({ identity: connectionIdentity("control", { ...own, job: "nosuchjob" }) }),
  ],
  [
    "a rank that the job does not have",
    "rank-out-of-range",
    (own) => ({ identity: connectionIdentity("control", { ...own, rank: 2 }) }),
  ],
  [
    "an attempt that is not the current one",
    "stale-attempt",
    (own) => ({ identity: connectionIdentity("control", { ...own, attempt: 1 }) }),
  ],
];
test.for(claims)("%s is refused in the handshake as %s", async ([, reason, claim], { bench }) => {
  const { job, invocations } = await bench.submit();
  const other = await bench.submit({ workers: 1 });
  const overrides = claim(invocations[0]!, other.invocations[0]!);
  await expect(dialAs(invocations[0]!, "control", overrides)).rejects.toMatchObject({ code: "AUTH" });
  await counted(bench, reason);
  await expectUnharmed(bench, invocations, job.report);
});

test("the recorded bytes of a worker's whole conversation are of no use to who replays them", async ({
  bench,
}) => {
  const { job, invocations } = await bench.submit();
  const { host, port } = bench.orchestrator.address;
  const recorded: Buffer[] = [];
  const tap = await nodeNet.listen({
    host,
    port: 0,
    onConnection: (from) => {
      const to = net.connect(port, host);
      from.on("data", (chunk: Buffer) => recorded.push(chunk));
      from.pipe(to).pipe(from);
      from.on("error", () => to.destroy());
      to.on("error", () => from.destroy());
    },
  });
  const tapped = { ...invocations[0]!, orchestrator: { ...invocations[0]!.orchestrator, port: tap.port } };
  const worker = await joinAs(tapped);
  await strangerSends(bench, Buffer.concat(recorded));
  await counted(bench, "auth");
  worker.socket.destroy();
  await tap.close();
  expect((await job.cancel("the test is over")).error?.code).toBe("CANCELLED");
});

test("a second connection of a worker that is in is refused, and the first goes on", async ({ bench }) => {
  const { job, workers } = await bench.play();
  const [first, other] = workers;
  const second = await dialAs(first!.invocation, "control");
  second.socket.write(encodeMessage(helloOf(first!.invocation)));
  // An invocation that was delivered twice is nobody's fault: the second one can tell.
  expect(readControlFrame(await second.next(), decodeOrchestratorMessage)).toMatchObject({
    message: { type: "abort", error: { code: "DUPLICATE" } },
  });
  await second.closed;
  await counted(bench, "duplicate");
  for (const worker of [first!, other!]) worker.send({ type: "result", value: 1 });
  await first!.message("done");
  for (const { invocation } of workers) bench.exit(invocation, { kind: "completed" });
  expect((await job.report).job.status).toBe("succeeded");
});

const first: [string, RefusalReason, (own: Invocation) => Uint8Array][] = [
  ["says nothing", "hello-timeout", () => new Uint8Array(0)],
  ["claims another rank", "hello-mismatch", (own) => encodeMessage(helloOf({ ...own, rank: 1 }))],
  ["claims another job", "hello-mismatch", (own) => encodeMessage(helloOf({ ...own, job: "other" }))],
  ["speaks another version", "version", (own) => encodeMessage({ ...helloOf(own), version: 999 })],
  ["begins with another message", "protocol", () => encodeMessage({ type: "result", value: 1 })],
  ["begins with a blob", "protocol", () => encodeFrame(controlFrame.blob, new Uint8Array(16))],
  ["sends a frame of an unknown type", "protocol", () => encodeFrame(77, new Uint8Array(1))],
  ["announces an endless frame", "frame-too-large", () => Buffer.from([0xff, 0xff, 0xff, 0xff, 1])],
];
test.for(first)(
  "a worker with a good key that %s is ended as %s",
  { timeout: 20_000 },
  async ([, reason, bytes], { bench }) => {
    const { job, invocations } = await bench.submit();
    const { socket, closed } = await dialAs(invocations[0]!, "control");
    socket.write(bytes(invocations[0]!));
    await closed;
    await counted(bench, reason);
    await expectUnharmed(bench, invocations, job.report);
  },
);

const later: [string, WorkerMessage | Uint8Array][] = [
  ["a message of no known type", encodeFrame(controlFrame.message, Buffer.from('{"type":"sudo"}'))],
  ["something that is not JSON", encodeFrame(controlFrame.message, Buffer.from("{"))],
  ["a second hello", { type: "hello", version: 1, job: "x", rank: 0, attempt: 0, node: "", cachedCode: [] }],
  ["a wish to meet a rank that is not there", { type: "connect", peers: [99] }],
  ["a wish to meet itself", { type: "fallback", peer: 0, route: 0, reason: "" }],
  ["a request for code that is not the job's", { type: "code", hash: "0".repeat(64) }],
  ["a request for a split that it does not have", { type: "input", split: 0, offset: 0, length: 1 }],
];
test.for(later)(
  "a worker that sends %s is cut off, and the job fails by it",
  async ([, message], { bench }) => {
    const { job, workers } = await bench.play();
    workers[0]!.socket.write(message instanceof Uint8Array ? message : encodeMessage(message));
    const { error } = await job.report;
    expect(error).toMatchObject({ code: "PROTOCOL", rank: 0, attempt: 0 });
    expect(refused(bench, "protocol")).toBe(1);
    expect(bench.provider.running).toBe(0);
  },
);

test("the relay takes nobody who has not joined, and ends whoever breaks its protocol", async ({ bench }) => {
  const { job, invocations } = await bench.submit();
  await expect(dialAs(invocations[0]!, "relay")).rejects.toMatchObject({ code: "AUTH" });
  await counted(bench, "relay-not-allowed");
  await joinAs(invocations[0]!);
  const relay = await dialAs(invocations[0]!, "relay");
  relay.socket.write(encodeRelayData(7, [new Uint8Array(1)]));
  await relay.closed;
  await counted(bench, "protocol");
  await job.cancel("the test is over");
});

test("a job whose channel is direct has no relay", async ({ bench }) => {
  const { job, workers } = await bench.play({ channel: "direct" });
  await expect(dialAs(workers[0]!.invocation, "relay")).rejects.toMatchObject({ code: "AUTH" });
  await counted(bench, "relay-not-allowed");
  await job.cancel("the test is over");
});

alone(
  "a flood of silent and of failing strangers does not keep the workers behind the same address out",
  async ({ bench }) => {
    const { host, port } = bench.orchestrator.address;
    const { job, invocations } = await bench.submit({ workers: 8 });
    const silent = await Promise.all(Array.from({ length: 400 }, () => nodeNet.dial({ host, port })));
    for (const socket of silent) socket.on("error", () => {}); // It is reset when its place is needed.
    await Promise.all(Array.from({ length: 300 }, () => strangerSends(bench, Buffer.alloc(64, 0x55))));
    expect(refused(bench, "evicted")).toBeGreaterThan(0);
    await expectUnharmed(bench, invocations, job.report);
    const lines = bench.log.messages("warn").length;
    expect(lines).toBeLessThan(40);
    for (const socket of silent) socket.destroy();
  },
  30_000,
);
