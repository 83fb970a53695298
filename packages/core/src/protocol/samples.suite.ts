// An arbitrary message of every type, for round trips and for fuzzing. The types make sure that none is missing.

import fc from "fast-check";
import type { MessageBody, OrchestratorMessage, WorkerMessage } from "./control.ts";
import { pathNames, rungs } from "./rungs.ts";

type Samples<M extends { type: string }> = { readonly [K in M["type"]]: fc.Arbitrary<MessageBody<M, K>> };

const text = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: "grapheme", maxLength: maxLength / 2 });
const rank = fc.nat(99_999);
const attempt = fc.nat(999);
const count = fc.maxSafeNat();
const amount = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0 || 0);
const host = fc.constantFrom("203.0.113.7", "2001:db8::7", "");
const port = fc.integer({ min: 1, max: 65_535 });
const candidate = fc.record({
  type: fc.constantFrom("host" as const, "srflx" as const),
  tcpType: fc.constantFrom("so" as const, "passive" as const),
  host,
  port,
});
const mapping = fc.constantFrom(
  "none" as const,
  "unknown" as const,
  "endpoint-independent" as const,
  "address-dependent" as const,
  "address-and-port-dependent" as const,
);
const candidates = fc.array(candidate, { maxLength: 4 });
const round = fc.nat(16);
const reason = text(100);
const error = fc.record(
  { code: text(64), message: text(200), hint: text(200), rank, attempt, stack: text(200) },
  { requiredKeys: ["code", "message"] },
);
const id = count;
const rung = fc.constantFrom(...rungs);
const route = fc.nat(1_000);
const usage = {
  puts: count,
  gets: count,
  lists: count,
  deletes: count,
  commands: count,
  retries: count,
  writtenBytes: count,
  readBytes: count,
};
const settings = fc.dictionary(text(20), fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>, {
  maxKeys: 4,
  noNullPrototype: true,
});
const just = <const T extends string>(type: T) => fc.constant(type);

export const workerSamples: Samples<WorkerMessage> = {
  hello: fc.record({
    type: just("hello"),
    version: fc.nat(65_535),
    job: text(64),
    rank,
    attempt,
    node: text(64),
    cachedCode: fc.array(text(64), { maxLength: 4 }),
  }),
  code: fc.record({ type: just("code"), hash: text(64) }),
  candidates: fc.record({ type: just("candidates"), candidates, mapping }),
  connect: fc.record(
    { type: just("connect"), peers: fc.array(rank), bytes: count },
    { requiredKeys: ["type", "peers"] },
  ),
  retry: fc.record({ type: just("retry"), peer: rank, round, reason, candidates }),
  fallback: fc.record({ type: just("fallback"), peer: rank, route, reason }),
  input: fc.record({
    type: just("input"),
    split: count,
    offset: count,
    length: fc.integer({ min: 1, max: 2 ** 48 }),
  }),
  barrier: fc.record({ type: just("barrier"), id }),
  stage: fc.record({
    type: just("stage"),
    name: text(128),
    event: fc.constantFrom("begin" as const, "end" as const),
  }),
  progress: fc.record({ type: just("progress"), done: amount, total: amount }),
  log: fc.record({
    type: just("log"),
    level: fc.constantFrom("debug" as const, "info" as const, "warn" as const, "error" as const),
    message: text(300),
  }),
  emit: fc.record({ type: just("emit"), value: fc.jsonValue() }),
  telemetry: fc.record(
    {
      type: just("telemetry"),
      peers: fc.array(
        fc.record(
          {
            rank,
            path: fc.constantFrom(...pathNames),
            sinceMs: amount,
            reason,
            sentMessages: count,
            sentBytes: count,
            receivedMessages: count,
            receivedBytes: count,
          },
          {
            requiredKeys: ["rank", "path", "sentMessages", "sentBytes", "receivedMessages", "receivedBytes"],
          },
        ),
        { maxLength: 4 },
      ),
      connect: fc.record({ firstMs: amount, lastMs: amount }),
      memoryBytes: count,
      stores: fc.array(fc.record({ rung, ...usage }), { maxLength: 4 }),
      input: fc.record(usage),
    },
    { requiredKeys: ["type", "peers", "memoryBytes"] },
  ),
  result: fc.record({ type: just("result"), value: fc.jsonValue() as fc.Arbitrary<unknown> }),
  failed: fc.record({ type: just("failed"), error }),
  ping: fc.record({ type: just("ping"), id }),
  pong: fc.record({ type: just("pong"), id }),
};

export const orchestratorSamples: Samples<OrchestratorMessage> = {
  welcome: fc.record(
    {
      type: just("welcome"),
      version: fc.nat(65_535),
      size: fc.integer({ min: 1, max: 100_000 }),
      observed: fc.record({ host, port }),
      code: fc.record({ hash: text(64), bytes: count }),
      params: fc.dictionary(text(20), text(100), { maxKeys: 4, noNullPrototype: true }),
      splits: fc.array(
        fc.record(
          { name: text(100), bytes: count, at: fc.record({ offset: count, version: text(100) }) },
          { requiredKeys: ["name", "bytes"] },
        ),
        { maxLength: 4 },
      ),
      ladder: fc.array(rung, { maxLength: 4 }),
      stores: settings,
      sources: settings,
      encrypt: fc.boolean(),
      memoryMb: fc.integer({ min: 1, max: 10_240 }),
    },
    {
      requiredKeys: [
        ...(["type", "version", "size", "observed", "code", "params", "splits"] as const),
        ...(["ladder", "stores", "encrypt", "memoryMb"] as const),
      ],
    },
  ),
  introduce: fc.record({
    type: just("introduce"),
    peers: fc.array(fc.record({ rank, attempt, mapping, candidates, delayMs: amount, round }), {
      maxLength: 4,
    }),
  }),
  route: fc.record(
    {
      type: just("route"),
      peer: rank,
      attempt,
      route,
      rung,
      relay: fc.record({ id: text(64), host, port }),
      reason,
    },
    { requiredKeys: ["type", "peer", "attempt", "route", "rung", "reason"] },
  ),
  noroute: fc.record({ type: just("noroute"), peer: rank, reason }),
  gone: fc.record({
    type: just("gone"),
    peer: rank,
    reason: fc.constantFrom("finished" as const, "lost" as const),
  }),
  barrier: fc.record({ type: just("barrier"), id }),
  abort: fc.record({ type: just("abort"), error }),
  done: fc.record({ type: just("done") }),
  ping: fc.record({ type: just("ping"), id }),
  pong: fc.record({ type: just("pong"), id }),
};
