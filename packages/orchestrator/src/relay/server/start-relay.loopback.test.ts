// Relays beside the orchestrator, over real sockets, with workers played by hand.

import net from "node:net";
import { type Endpoint, type Invocation, nodeEnv } from "@fnmesh/core/internal";
import { decodeRelayData, encodeRelayData, relayFrame } from "@fnmesh/core/protocol";
import { createTestLog } from "@fnmesh/core/testing";
import { afterEach, describe, expect, test } from "vitest";
import { createTestBench, type TestBench, type TestBenchOptions } from "../../jobs/testing/test-bench.ts";
import { dialAs, type FakeWorker, type RawConnection } from "../../rendezvous/testing/fake-worker.ts";
import { type RelayServer, startRelay } from "./start-relay.ts";

/** A busy machine takes its time. */
const patient = { timeout: 10_000 };
const relayToken = "a token of enough characters";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function setUp(options: TestBenchOptions["orchestrator"] = {}): Promise<TestBench> {
  const bench = await createTestBench({ orchestrator: { relayToken, ...options } });
  open.push(bench);
  return bench;
}

async function startAt(orchestrator: Endpoint, token = relayToken): Promise<RelayServer> {
  const relay = await startRelay({ env: nodeEnv({ log: createTestLog() }), orchestrator, token });
  open.push(relay);
  return relay;
}
const relayFor = ({ orchestrator }: TestBench, token?: string) => startAt(orchestrator.address, token);

/** Between a relay and its orchestrator: it can be cut, and laid to another one. */
async function startCable(to: Endpoint) {
  let target: Endpoint | undefined = to;
  const ends = new Set<net.Socket>();
  const server = net.createServer((near) => {
    if (target === undefined) return void near.destroy();
    const far = net.connect(target);
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(end);
      end.on("error", () => {}); // "close" follows.
      end.on("close", () => {
        ends.delete(end);
        other.destroy();
      });
      end.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    target = undefined;
    for (const end of ends) end.destroy();
  };
  open.push({
    close: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  const { port } = server.address() as net.AddressInfo;
  return { address: { host: "127.0.0.1", port }, cut, mend: (next: Endpoint) => (target = next) };
}

async function registered(bench: TestBench, count: number): Promise<RelayServer[]> {
  const relays = await Promise.all(Array.from({ length: count }, () => relayFor(bench)));
  await Promise.all(relays.map((relay) => relay.registered));
  expect(bench.orchestrator.stats().relays).toBe(count);
  return relays;
}

/** As a worker does that was told of this relay. */
async function dialRelay({ invocation }: FakeWorker, { address }: Pick<RelayServer, "address">) {
  const { observePort } = invocation.orchestrator;
  const at: Invocation = { ...invocation, orchestrator: { ...address, observePort } };
  const connection = await dialAs(at, "relay");
  expect((await connection.next()).type).toBe(relayFrame.ready);
  return connection;
}

const say = (relay: RawConnection, to: number, words: string) =>
  relay.socket.write(encodeRelayData(to, [Buffer.from(words)]));
const text = async (relay: RawConnection) => {
  const { rank, bytes } = decodeRelayData(await relay.next());
  return `${rank}: ${Buffer.from(bytes)}`;
};
const both = (workers: readonly FakeWorker[]) => [workers[0]!, workers[1]!] as const;

describe("a relay that is registered", () => {
  test("is given to pairs, and passes on what workers of the job send there", async () => {
    const bench = await setUp();
    const [relay] = await registered(bench, 1);
    const { workers } = await bench.play({ channel: "relay" });
    const [one, other] = both(workers);
    one.send({ type: "connect", peers: [1] });
    const named = { id: relay!.id, ...relay!.address };
    expect(await one.message("route")).toMatchObject({ rung: "relay", route: 1, relay: named });
    expect(await other.message("route")).toMatchObject({ relay: named });
    const [a, b] = [await dialRelay(one, relay!), await dialRelay(other, relay!)];
    say(a, 1, "over there");
    expect(await text(b)).toBe("0: over there");
    expect(relay!.relayedBytes).toBe("over there".length);
    expect(bench.orchestrator.stats().connections.relay).toBe(0);
    await expect.poll(() => bench.orchestrator.stats().relayedBytes, patient).toBe("over there".length);
  });

  test("has its share of the pairs, and no more", async () => {
    const bench = await setUp();
    await registered(bench, 2);
    const { workers } = await bench.play({ workers: 5, channel: "relay" });
    workers[0]!.send({ type: "connect", peers: [1, 2, 3, 4] });
    const counts = new Map<string, number>();
    for (let pair = 0; pair < 4; pair++) {
      const { id } = (await workers[0]!.message("route")).relay!;
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    expect([...counts.values()]).toEqual([2, 2]);
  });

  test("costs a pair that is direct nothing", async () => {
    const bench = await setUp();
    const [relay] = await registered(bench, 1);
    const { workers } = await bench.play({ channel: "auto" });
    for (const worker of workers) worker.send({ type: "candidates", mapping: "none", candidates: [] });
    workers[0]!.send({ type: "connect", peers: [1] });
    await workers[0]!.message("introduce");
    expect(relay!.relayedBytes).toBe(0);
    const told = workers[0]!.message("route").then(
      () => "a route",
      () => "none",
    );
    await bench.close();
    expect(await told).toBe("none");
  });

  test("is replaced by another one when it is lost, and at last by the orchestrator's own", async () => {
    const bench = await setUp();
    const relays = await registered(bench, 2);
    const { workers } = await bench.play({ channel: "relay" });
    const [one, other] = both(workers);
    one.send({ type: "connect", peers: [1] });
    const first = (await one.message("route")).relay!.id;
    const lost = await dialRelay(one, relays.find(({ id }) => id === first)!);
    await relays.find(({ id }) => id === first)!.close();
    await lost.closed;
    await expect.poll(() => bench.orchestrator.stats().relays, patient).toBe(1);
    one.send({ type: "fallback", peer: 1, route: 1, reason: "it broke" });
    const second = await one.message("route");
    expect(second).toMatchObject({ route: 2, reason: "channel is relay; relay: it broke" });
    expect(relays.map(({ id }) => id).filter((id) => id !== first)).toEqual([second.relay!.id]);
    one.send({ type: "fallback", peer: 1, route: 2, reason: "it is far" });
    expect(await one.message("route")).not.toHaveProperty("relay");
    other.send({ type: "fallback", peer: 0, route: 3, reason: "nothing works" });
    expect(await one.message("noroute")).toMatchObject({ peer: 1, reason: "nothing works" });
  });

  test("has nothing of a job any more when it is over", async () => {
    const bench = await setUp();
    const [relay] = await registered(bench, 1);
    const { workers, job } = await bench.play({ channel: "relay" });
    const connection = await dialRelay(workers[0]!, relay!);
    await bench.finish(workers);
    await job.report;
    await connection.closed;
    await expect(dialRelay(workers[0]!, relay!)).rejects.toMatchObject({ code: "AUTH" });
  });

  test("has those who send to a worker that has finished told so", async () => {
    const bench = await setUp();
    const [relay] = await registered(bench, 1);
    const { workers } = await bench.play({ channel: "relay" });
    const [one, other] = both(workers);
    const [a, b] = [await dialRelay(one, relay!), await dialRelay(other, relay!)];
    other.send({ type: "result", value: null });
    await one.message("gone");
    b.socket.destroy();
    await b.closed;
    const again = async () => {
      say(a, 1, "too late");
      one.send({ type: "ping", id: 1 });
      await one.message("pong");
    };
    const told = one.message("gone");
    let over = false;
    void told.then(() => {
      over = true;
    });
    await expect.poll(() => again().then(() => over), patient).toBe(true);
    expect(await told).toEqual({ type: "gone", peer: 1, reason: "finished" });
  });
});

describe("who may not", () => {
  test("register: a relay with another token", async () => {
    const bench = await setUp();
    const relay = await relayFor(bench, "another token, as long");
    await expect(relay.registered).rejects.toMatchObject({ code: "AUTH" });
    expect(bench.orchestrator.stats()).toMatchObject({ relays: 0, refused: { auth: 1 } });
  });

  test("register: any relay where there is no token", async () => {
    const bench = await createTestBench();
    open.push(bench);
    const relay = await relayFor(bench);
    await expect(relay.registered).rejects.toMatchObject({ code: "AUTH" });
    expect(bench.orchestrator.stats().refused["no-relays"]).toBe(1);
  });

  test("guard a relay or an orchestrator: a token that is short", async () => {
    const short = "fifteen letters";
    await expect(createTestBench({ orchestrator: { relayToken: short } })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
    });
    const bench = await setUp();
    await expect(relayFor(bench, short)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  test.each<[who: string, change: Partial<Invocation>]>([
    ["a worker of a job that does not run", { job: "nojob" }],
    ["a rank that the job does not have", { rank: 7 }],
    ["an attempt that is not the current one", { attempt: 1 }],
    ["one without the job's secret", { secret: Buffer.alloc(32, 1).toString("base64url") }],
  ])("enter a relay: %s", async (_, change) => {
    const bench = await setUp();
    const [relay] = await registered(bench, 1);
    const { workers } = await bench.play({ channel: "relay" });
    const stranger = { ...workers[0]!, invocation: { ...workers[0]!.invocation, ...change } };
    await expect(dialRelay(stranger, relay!)).rejects.toMatchObject({ code: "AUTH" });
  });

  test("enter a relay: a worker of a job that does not use it", async () => {
    const bench = await setUp();
    const [relay] = await registered(bench, 1);
    const { workers } = await bench.play({ channel: "direct" });
    await expect(dialRelay(workers[0]!, relay!)).rejects.toMatchObject({ code: "AUTH" });
  });
});

describe("a relay whose orchestrator goes away", () => {
  test("passes on what its jobs send, and is taken again by the one that comes back", async () => {
    const bench = await setUp();
    const cable = await startCable(bench.orchestrator.address);
    const relay = await startAt(cable.address);
    await relay.registered;
    const { workers } = await bench.play({ channel: "relay" });
    const [one, other] = both(workers);
    const [a, b] = [await dialRelay(one, relay), await dialRelay(other, relay)];
    cable.cut();
    await expect.poll(() => bench.orchestrator.stats().relays, patient).toBe(0);
    say(a, 1, "still here");
    expect(await text(b)).toBe("0: still here");
    cable.mend(bench.orchestrator.address);
    await expect.poll(() => bench.orchestrator.stats().relays, patient).toBe(1);
    say(b, 0, "and again");
    expect(await text(a)).toBe("1: and again");
  });

  test("lets go of its jobs when another one comes, which does not know them", async () => {
    const bench = await setUp();
    const cable = await startCable(bench.orchestrator.address);
    const relay = await startAt(cable.address);
    await relay.registered;
    const { workers } = await bench.play({ channel: "relay" });
    const connection = await dialRelay(workers[0]!, relay);
    cable.cut();
    const next = await setUp();
    cable.mend(next.orchestrator.address);
    await connection.closed;
    expect(next.orchestrator.stats().relays).toBe(1);
  });

  test("has a worker that dials it meanwhile wait for the answer", async () => {
    const bench = await setUp();
    const cable = await startCable(bench.orchestrator.address);
    const relay = await startAt(cable.address);
    await relay.registered;
    const { workers } = await bench.play({ channel: "relay" });
    cable.cut();
    await expect.poll(() => bench.orchestrator.stats().relays, patient).toBe(0);
    const dialled = dialRelay(workers[0]!, relay);
    cable.mend(bench.orchestrator.address);
    await dialled;
  });

  test("that was never there is waited for", async () => {
    const bench = await setUp();
    const cable = await startCable(bench.orchestrator.address);
    cable.cut();
    const relay = await startAt(cable.address);
    cable.mend(bench.orchestrator.address);
    await relay.registered;
    expect(bench.orchestrator.stats().relays).toBe(1);
  });
});
