// What the messages of one joined worker mean for its job: one entry for each message type.

import { type ErrorCode, type ErrorRecord, FnmeshError } from "@fnmesh/core";
import type { Clock } from "@fnmesh/core/internal";
import type { Blob, MessageBody, Note, WorkerMessage } from "@fnmesh/core/protocol";
import { isPlainAddress } from "../rendezvous/address.ts";
import type { ControlConnection } from "../rendezvous/control-connection.ts";
import type { Orders } from "../rendezvous/orders.ts";
import type { Audience } from "./audience.ts";
import { tooMuchEmitted } from "./emitted.ts";
import type { JobEvent } from "./job-events.ts";
import type { JobParts } from "./job-parts.ts";
import { stuckBarrier } from "./partings.ts";
import { Supplies } from "./supplies.ts";

export interface WorkerDeskOptions {
  readonly parts: JobParts;
  readonly audience: Audience;
  readonly clock: Clock;
  readonly dispatch: (event: JobEvent) => void;
  readonly connection: ControlConnection;
}

type Handlers = {
  readonly [K in WorkerMessage["type"]]: (message: MessageBody<WorkerMessage, K>) => void | Promise<void>;
};

export interface WorkerDesk {
  onMessage(message: WorkerMessage): void | Promise<void>;
  onBlob(blob: Blob): void | Promise<void>;
  onNote(note: Note): void | Promise<void>;
}

export function workerDesk(options: WorkerDeskOptions): WorkerDesk {
  const { parts, audience, clock, dispatch, connection } = options;
  const { crew, introductions, barriers, record, output, spec, code, modules } = parts;
  const { rank, attempt } = connection.identity;
  const now = () => clock.now();
  const supplies = new Supplies({
    code: [code, ...modules],
    parts: spec.input[rank] ?? [],
    send: (blob) => connection.sendBlob(blob),
    onTrouble: (error) => dispatch({ type: "trouble", error }),
  });
  let finished = false;

  const introduce = (orders: Orders) => {
    for (const to of orders.recipients()) record.connects.touched(to, now());
    crew.deliver(orders);
  };
  const known = (peer: number) => {
    if (peer >= spec.workers || peer === rank) throw new FnmeshError("PROTOCOL", `no peer has rank ${peer}`);
    return peer;
  };
  const out = () => {
    throw new FnmeshError("PROTOCOL", "a message that belongs elsewhere in the conversation");
  };

  const handlers: Handlers = {
    hello: out,
    ping: out,
    pong: () => {}, // The answer to a ping before the last one.
    code: (message) => supplies.request(message),
    input: (message) => supplies.request(message),
    candidates: ({ candidates, mapping }) => {
      const usable = candidates.filter(({ host }) => isPlainAddress(host));
      record.mapped(rank, mapping);
      introduce(introductions.candidates(rank, usable, mapping));
    },
    connect: ({ peers, bytes }) => {
      record.connects.touched(rank, now());
      introduce(introductions.connect(rank, peers.map(known), bytes));
    },
    retry: ({ peer, round, reason, candidates }) =>
      introduce(introductions.retry(rank, known(peer), round, reason, candidates)),
    fallback: ({ peer, route, reason }) =>
      introduce(introductions.fallback(rank, known(peer), route, reason)),
    barrier: ({ id }) => {
      const arrival = barriers.arrive(rank, id);
      if (arrival === "complete") crew.broadcast({ type: "barrier", id });
      if (arrival === "stuck") dispatch({ type: "trouble", error: stuckBarrier });
    },
    stage: ({ name, event }) => {
      if (event === "begin") record.stages.begin(rank, name, now());
      else record.stages.end(rank, name, now());
      audience.changed();
    },
    progress: ({ done, total }) => {
      record.stages.progress(rank, done, total);
      audience.changed();
    },
    log: ({ level, message }) => audience.tell({ type: "log", rank, level, message }),
    emit: ({ value = null }) => {
      if (!record.emitted.add(rank, value)) dispatch({ type: "trouble", error: tooMuchEmitted });
      else audience.tell({ type: "emit", rank, value });
    },
    telemetry: (message) => {
      record.telemetry({ rank, attempt }, message, now());
      audience.changed();
    },
    result: ({ value }) => {
      if (finished) throw new FnmeshError("PROTOCOL", "a second result");
      finished = true;
      record.finished(rank);
      dispatch({ type: "result", rank, attempt, value });
    },
    failed: ({ error }) => {
      const code = error.code as ErrorCode;
      dispatch({ type: "failed", rank, attempt, error: { ...error, code } as ErrorRecord });
    },
  };

  return {
    onNote: ({ rank: peer, bytes }) => crew.note(known(peer), { rank, bytes }),
    onMessage: (message) => (handlers[message.type] as (message: WorkerMessage) => void)(message),
    onBlob: ({ kind, bytes }) => {
      if (kind !== "output" || finished) {
        throw new FnmeshError("PROTOCOL", `a blob of ${kind}${finished ? " after the result" : ""}`);
      }
      return bytes.length === 0 ? undefined : output.write(rank, bytes);
    },
  };
}
