// Asks CloudWatch Logs what became of an invocation. Its records come some seconds after its end, and the API takes only
// a few requests a second of an account: so all who ask wait in one line, and each only so long.

import type { CloudWatchLogs, FilteredLogEvent } from "@aws-sdk/client-cloudwatch-logs";
import { FnmeshError } from "@fnmesh/core";
import type { Clock, WorkerExit } from "@fnmesh/core/internal";
import { pause } from "../kit/pause.ts";
import { createThrottle } from "../kit/throttle.ts";
import { type LogRecord, type ReportRecord, readLogRecord } from "./log-records.ts";
import { ask } from "./request.ts";
import { verdictOf } from "./verdict.ts";

export interface ExitFinderOptions {
  readonly logs: CloudWatchLogs;
  readonly logGroupName: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** How long one exit may take to be found. */
  readonly withinMs: number;
}

export interface Launched {
  readonly requestId: string;
  /** Since 1970. */
  readonly launchedAtMs: number;
}

/** Never rejects but with the signal's reason. */
export type FindExit = (launched: Launched, signal: AbortSignal) => Promise<WorkerExit>;

/** FilterLogEvents: 5 a second in the smaller regions, 10 and more elsewhere. */
const logRate = { burst: 5, perSecond: 5 };
/** This machine's clock may be wrong by so much. */
const clockSkewMs = 60_000;
const firstPauseMs = 500;
const mostPauseMs = 2_000;
/** What a container has written last tells why it ended; what a loud job has written before that is not read. */
const lastWordsMs = 30_000;
const mostEvents = 1_000;
/** A log is searched in portions, some of which may be empty. */
const mostPages = 10;

interface Query {
  readonly pattern?: string;
  readonly stream?: string;
  readonly sinceMs: number;
}

export function exitFinder({ logs, logGroupName, clock, random, withinMs }: ExitFinderOptions): FindExit {
  const throttle = createThrottle({ rate: logRate, clock, random });

  const events = async ({ pattern, stream, sinceMs }: Query, signal: AbortSignal) => {
    const found: FilteredLogEvent[] = [];
    let nextToken: string | undefined;
    for (let page = 0; page < mostPages && found.length < mostEvents; page += 1) {
      const token = nextToken;
      const answer = await throttle.run(
        () =>
          ask({ action: "logs:FilterLogEvents", signal, otherwise: "PROVIDER_UNAVAILABLE" }, (options) =>
            logs.filterLogEvents(
              {
                logGroupName,
                startTime: sinceMs,
                ...(pattern === undefined ? {} : { filterPattern: pattern }),
                ...(stream === undefined ? {} : { logStreamNames: [stream] }),
                ...(token === undefined ? {} : { nextToken: token }),
              },
              options,
            ),
          ),
        signal,
      );
      found.push(...(answer.events ?? []));
      nextToken = answer.nextToken;
      if (nextToken === undefined) break;
    }
    return found;
  };

  /** The report of its end; of two deliveries, of the one that did not end well. */
  const reportOf = async ({ requestId, launchedAtMs }: Launched, signal: AbortSignal) => {
    // The platform's records alone: each line that the job writes has the id, too.
    const pattern = `{ $.record.requestId = "${requestId}" }`;
    const found = await events({ pattern, sinceMs: launchedAtMs - clockSkewMs }, signal);
    const reports = found.flatMap(
      ({ message = "", logStreamName: stream, timestamp: atMs = 0 }): Reported[] => {
        const record = readLogRecord(message);
        return record.type === "report" && record.requestId === requestId ? [{ record, stream, atMs }] : [];
      },
    );
    return reports.find(({ record }) => record.status !== "success") ?? reports.at(-1);
  };
  /** Its end is told by AWS's clock, which this machine's may not agree with. */
  const around = async ({ stream, atMs }: Reported, signal: AbortSignal) => {
    if (stream === undefined) return [];
    const found = await events({ stream, sinceMs: atMs - lastWordsMs }, signal);
    return found.map(({ message = "" }): LogRecord => readLogRecord(message));
  };

  return async (launched, signal) => {
    const until = clock.now() + withinMs;
    let reported: Reported | undefined;
    try {
      for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(mostPauseMs, 2 * pauseMs)) {
        reported = await reportOf(launched, signal);
        // One that ended well was not lost: that is the second delivery, or the last word there is.
        if (reported !== undefined && reported.record.status !== "success") break;
        if (clock.now() + pauseMs >= until) break;
        await pause(clock, pauseMs, signal);
      }
      if (reported === undefined) return unheard(launched, logGroupName);
      if (reported.record.status === "success") return verdictOf(reported.record, []);
      return verdictOf(reported.record, await around(reported, signal));
    } catch (thrown) {
      signal.throwIfAborted();
      return unread(launched, logGroupName, thrown);
    }
  };
}

interface Reported {
  readonly record: ReportRecord;
  readonly stream: string | undefined;
  readonly atMs: number;
}

const unheard = ({ requestId }: Launched, logGroup: string): WorkerExit =>
  crashed("its connection broke, and Lambda has not said why yet", {
    hint: `Look for ${requestId} in the log group ${logGroup}.`,
  });

function unread({ requestId }: Launched, logGroup: string, thrown: unknown): WorkerExit {
  const denied = thrown instanceof FnmeshError && thrown.code === "PLATFORM_AUTH";
  if (denied) {
    return crashed("its connection broke, and the orchestrator may not read its log", {
      hint: `Allow the orchestrator logs:FilterLogEvents on ${logGroup} (docs/providers/aws.md), or look there for ${requestId}.`,
    });
  }
  const said = thrown instanceof Error ? thrown.message : String(thrown);
  return crashed(`its connection broke, and its log could not be read: ${said}`, {
    hint: `Look for ${requestId} in the log group ${logGroup}.`,
  });
}

const crashed = (detail: string, { hint }: { readonly hint: string }): WorkerExit => ({
  kind: "crashed",
  detail,
  error: { code: "WORKER_LOST", message: detail, hint },
});
