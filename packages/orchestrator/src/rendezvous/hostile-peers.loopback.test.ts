// Strangers and liars at the orchestrator's port: each is turned away in time, counted by reason, logged without a
// secret, and the job beside it runs to its end.

import net from "node:net";
import { type Invocation, nodeNet } from "@fnmesh/core/internal";
import {
  connectionIdentity,
  connectionKey,
  controlFrame,
  encodeFrame,
  encodeMessage,
  encodeRelayData,
  type WorkerMessage,
} from "@fnmesh/core/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTestBench, type TestBench } from "../jobs/testing/test-bench.ts";
import type { RefusalReason } from "./refusals.ts";
import { dialAs, helloOf, joinAs } from "./testing/fake-worker.ts";

let bench: TestBench;
beforeEach(async () => {
  bench = await createTestBench();
});
afterEach(() => bench.close());

const refused = (reason: RefusalReason) => bench.orchestrator.stats().refused[reason];
const counted = (reason: RefusalReason, count = 1) =>
  expect.poll(() => refused(reason), { timeout: 10_000 }).toBe(count);
const secretOf = ({ secret }: Invocation) => Buffer.from(secret, "base64url");

/** The job of the invocations still runs to its end, and nothing secret was logged. */
async function expectUnharmed(
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

async function strangerSends(bytes: Uint8Array): Promise<void> {
  const { host, port } = bench.orchestrator.address;
  const socket = net.connect(port, host);
  socket.on("error", () => {}); // A reset is one of the ways to be turned away.
  socket.write(bytes);
  socket.resume();
  await new Promise((resolve) => socket.once("close", resolve));
}

test("silence is ended by the deadline of the handshake", async () => {
  const { job, invocations } = await bench.submit();
  await strangerSends(new Uint8Array(0));
  await counted("handshake-timeout");
  await expectUnharmed(invocations, job.report);
}, 20_000);

test.each([
  ["text", Buffer.from("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n")],
  ["random bytes", Buffer.alloc(4096, 0xa5)],
  [
    "a frame without end, in the clear",
    Buffer.concat([Buffer.from([0xff, 0xff, 0xff, 0xff, 1]), Buffer.alloc(65_536)]),
  ],
])("rubbish is refused at once: %s", async (_, bytes) => {
  const { job, invocations } = await bench.submit();
  await strangerSends(bytes);
  await counted("handshake");
  await expectUnharmed(invocations, job.report);
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
test.each(claims)("%s is refused in the handshake as %s", async (_, reason, claim) => {
  const { job, invocations } = await bench.submit();
  const other = await bench.submit({ workers: 1 });
  const overrides = claim(invocations[0]!, other.invocations[0]!);
  await expect(dialAs(invocations[0]!, "control", overrides)).rejects.toMatchObject({ code: "AUTH" });
  await counted(reason);
  await expectUnharmed(invocations, job.report);
});

test("the recorded bytes of a worker's whole conversation are of no use to who replays them", async () => {
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
  await strangerSends(Buffer.concat(recorded));
  await counted("auth");
  worker.socket.destroy();
  await tap.close();
  expect((await job.cancel("the test is over")).error?.code).toBe("CANCELLED");
});

test("a second connection of a worker that is in is refused, and the first goes on", async () => {
  const { job, workers } = await bench.play();
  const [first, other] = workers;
  const second = await dialAs(first!.invocation, "control");
  second.socket.write(encodeMessage(helloOf(first!.invocation)));
  await second.closed;
  await counted("duplicate");
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
test.each(first)(
  "a worker with a good key that %s is ended as %s",
  async (_, reason, bytes) => {
    const { job, invocations } = await bench.submit();
    const { socket, closed } = await dialAs(invocations[0]!, "control");
    socket.write(bytes(invocations[0]!));
    await closed;
    await counted(reason);
    await expectUnharmed(invocations, job.report);
  },
  20_000,
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
test.each(later)("a worker that sends %s is cut off, and the job fails by it", async (_, message) => {
  const { job, workers } = await bench.play();
  workers[0]!.socket.write(message instanceof Uint8Array ? message : encodeMessage(message));
  const { error } = await job.report;
  expect(error).toMatchObject({ code: "PROTOCOL", rank: 0, attempt: 0 });
  expect(refused("protocol")).toBe(1);
  expect(bench.provider.running).toBe(0);
});

test("the relay takes nobody who has not joined, and ends whoever breaks its protocol", async () => {
  const { job, invocations } = await bench.submit();
  await expect(dialAs(invocations[0]!, "relay")).rejects.toMatchObject({ code: "AUTH" });
  await counted("relay-not-allowed");
  await joinAs(invocations[0]!);
  const relay = await dialAs(invocations[0]!, "relay");
  relay.socket.write(encodeRelayData(7, [new Uint8Array(1)]));
  await relay.closed;
  await counted("protocol");
  await job.cancel("the test is over");
});

test("a job whose channel is direct has no relay", async () => {
  const { job, workers } = await bench.play({ channel: "direct" });
  await expect(dialAs(workers[0]!.invocation, "relay")).rejects.toMatchObject({ code: "AUTH" });
  await counted("relay-not-allowed");
  await job.cancel("the test is over");
});

test("a flood of silent and of failing strangers does not keep the workers behind the same address out", async () => {
  const { host, port } = bench.orchestrator.address;
  const { job, invocations } = await bench.submit({ workers: 8 });
  const silent = await Promise.all(Array.from({ length: 400 }, () => nodeNet.dial({ host, port })));
  for (const socket of silent) socket.on("error", () => {}); // It is reset when its place is needed.
  await Promise.all(Array.from({ length: 300 }, () => strangerSends(Buffer.alloc(64, 0x55))));
  expect(refused("evicted")).toBeGreaterThan(0);
  await expectUnharmed(invocations, job.report);
  const lines = bench.log.messages("warn").length;
  expect(lines).toBeLessThan(40);
  for (const socket of silent) socket.destroy();
}, 30_000);
