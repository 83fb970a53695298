// A connection that may be used: the server has taken the credentials, and still has the job's marker.

import type { FnmeshError } from "@fnmesh/core";
import type { Clock } from "@fnmesh/core/internal";
import { type Connection, openConnection } from "../wire/connection.ts";
import type { ValueTarget } from "../wire/line-reader.ts";
import { entryRefusalOf, isPassing, lostData, movedTo, refusalOf } from "./redis-errors.ts";
import type { RedisAddress } from "./redis-url.ts";
import { encodeCommand, type Reply, RespError, RespParser } from "./resp.ts";

export interface EntranceOptions {
  readonly address: RedisAddress;
  readonly clock: Clock;
  readonly scratchBytes: number;
  /** The key that says that nothing was lost. */
  readonly marker: string;
  /** Sent before the marker is read, until that has succeeded once: the first worker sets the marker. */
  readonly before?: readonly (string | number)[];
  /** Looks at the marker's value; what it returns ends everything. */
  check(value: string | undefined): FnmeshError | undefined;
}

/** What failed: for good, or only this time. */
export type EntryFailure =
  | { readonly final: FnmeshError }
  | { readonly passing: Error; readonly moved?: { readonly host: string; readonly port: number } };

export interface EntranceEvents {
  onReply(reply: Reply): void;
  onBulk?(length: number, before: Buffer | undefined): ValueTarget | undefined;
  /** Called once. */
  onClose(error: Error): void;
  onEntered(): void;
  /** Instead of `onEntered`. The connection is closed. */
  onRefused(failure: EntryFailure): void;
}

/** Connecting, with TLS and AUTH: many workers may do so at once. */
const entryMs = 5_000;

type Step = "auth" | "select" | "before" | "marker";

/** `onReply`, `onBulk` and `onClose` come only after `onEntered`. */
export function enter(options: EntranceOptions, events: EntranceEvents): Connection {
  const { address, clock, scratchBytes } = options;
  const { steps, commands } = entryCommands(options);
  let at = 0;
  const refuse = (failure: EntryFailure) => {
    at = steps.length;
    timer.cancel();
    connection.destroy();
    events.onRefused(failure);
  };
  const onReply = (reply: Reply) => {
    if (at === steps.length) {
      events.onReply(reply);
      return;
    }
    const failure = judge(options, steps[at]!, reply);
    if (failure !== undefined) {
      refuse(failure);
      return;
    }
    at += 1;
    if (at < steps.length) return;
    timer.cancel();
    events.onEntered();
  };
  const parser = new RespParser(
    {
      onReply: (reply) => connection.closed || onReply(reply),
      onBulk: (length, before) =>
        at === steps.length && !connection.closed ? events.onBulk?.(length, before) : undefined,
    },
    scratchBytes,
  );
  const connection = openConnection(address, parser.reader, (error) => {
    if (at === steps.length) events.onClose(error);
    else refuse({ passing: error });
  });
  const timer = clock.setTimer(entryMs, () =>
    refuse({ passing: new Error(`it did not answer within ${entryMs / 1000} s`) }),
  );
  connection.write(commands);
  return connection;
}

function entryCommands({ address, marker, before }: EntranceOptions) {
  const { user, password, database } = address;
  const steps: Step[] = [];
  const commands: Uint8Array[] = [];
  const add = (step: Step, words: readonly (string | number)[]) => {
    steps.push(step);
    commands.push(...encodeCommand(words));
  };
  if (password !== undefined) add("auth", user === undefined ? ["AUTH", password] : ["AUTH", user, password]);
  if (database !== 0) add("select", ["SELECT", database]);
  if (before !== undefined) add("before", before);
  add("marker", ["GET", marker]);
  return { steps, commands };
}

function judge({ address, check }: EntranceOptions, step: Step, reply: Reply): EntryFailure | undefined {
  if (!(reply instanceof RespError)) {
    if (step !== "marker") return undefined;
    const lost = check(reply === null ? undefined : String(reply));
    return lost === undefined ? undefined : { final: lost };
  }
  if (isPassing(reply)) {
    const moved = movedTo(reply);
    return { passing: new Error(reply.text.slice(0, 200)), ...(moved === undefined ? {} : { moved }) };
  }
  if (step === "auth" || step === "select") return { final: entryRefusalOf(step, reply, address.shown) };
  return { final: refusalOf(reply, address.shown) };
}

/** What a marker must be from now on: as it was first seen. */
export function markerCheck(shown: string): EntranceOptions["check"] {
  let first: string | undefined;
  return (value) => {
    first ??= value;
    return value !== undefined && value === first ? undefined : lostData(shown, "what this job has written");
  };
}
