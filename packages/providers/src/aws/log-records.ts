// The records that Lambda writes into a function's log where its format is JSON, one an event; of all else there, the
// text. The platform's own: docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html.

export type RecordStatus = "success" | "failure" | "error" | "timeout";

/** What became of an invocation. */
export interface ReportRecord {
  readonly type: "report";
  readonly requestId: string;
  readonly status: RecordStatus;
  readonly errorType: string | undefined;
  readonly durationMs: number;
  readonly billedMs: number;
  readonly memoryMb: number;
  readonly usedMb: number;
}

/** What became of the loading of the function's code. */
export interface InitRecord {
  readonly type: "init";
  readonly status: RecordStatus;
  readonly errorType: string | undefined;
  readonly durationMs: number;
}

/** What the runtime or the job wrote. */
export interface TextRecord {
  readonly type: "text";
  readonly text: string;
}

/** The platform's word on something that says nothing of an end. */
export interface OtherRecord {
  readonly type: "other";
}

export type LogRecord = ReportRecord | InitRecord | TextRecord | OtherRecord;

const other: OtherRecord = { type: "other" };
const statuses: ReadonlySet<unknown> = new Set<RecordStatus>(["success", "failure", "error", "timeout"]);

type Members = Readonly<Record<string, unknown>>;
const membersOf = (value: unknown): Members =>
  typeof value === "object" && value !== null ? (value as Members) : {};
const numberIn = (members: Members, name: string): number =>
  typeof members[name] === "number" ? members[name] : 0;
const textIn = (members: Members, name: string): string | undefined =>
  typeof members[name] === "string" ? members[name] : undefined;

/** Reads one event's message. Never throws: what is no record is a text. */
export function readLogRecord(message: string): LogRecord {
  const members = membersOf(parsed(message));
  const type = textIn(members, "type");
  if (type?.startsWith("platform.")) return platformRecord(type, membersOf(members.record));
  return { type: "text", text: textOf(message, members) };
}

function platformRecord(type: string, record: Members): LogRecord {
  const { status } = record;
  if (!statuses.has(status)) return other;
  const metrics = membersOf(record.metrics);
  const common = {
    status: status as RecordStatus,
    errorType: textIn(record, "errorType"),
    durationMs: numberIn(metrics, "durationMs"),
  };
  if (type === "platform.initReport") return { type: "init", ...common };
  const requestId = textIn(record, "requestId");
  if (type !== "platform.report" || requestId === undefined) return other;
  return {
    type: "report",
    requestId,
    ...common,
    billedMs: numberIn(metrics, "billedDurationMs"),
    memoryMb: numberIn(metrics, "memorySizeMB"),
    usedMb: numberIn(metrics, "maxMemoryUsedMB"),
  };
}

/** The runtime wraps what is written to the console, and what it says itself. */
function textOf(message: string, members: Members): string {
  const inner = members.message;
  const error = textIn(members, "errorMessage") ?? textIn(membersOf(inner), "errorMessage");
  const name = textIn(members, "errorType") ?? textIn(membersOf(inner), "errorType");
  if (error !== undefined) return name === undefined ? error : `${name}: ${error}`;
  if (typeof inner === "string") return inner.trim();
  return (inner === undefined ? message : JSON.stringify(inner)).trim();
}

function parsed(message: string): unknown {
  if (!message.trimStart().startsWith("{")) return undefined;
  try {
    return JSON.parse(message);
  } catch {
    return undefined; // A text that begins like JSON.
  }
}
