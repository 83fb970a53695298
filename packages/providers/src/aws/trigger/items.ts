// What starts a job, from the events that AWS hands to a Lambda function: objects of S3, messages of SQS, HTTP requests of
// a Function URL or of API Gateway (payload format 2.0). Pure.

export interface S3Item {
  readonly from: "s3";
  readonly bucket: string;
  /** As it is in S3, not as the event encodes it. */
  readonly key: string;
  readonly bytes: number;
  /** The object as a job's input names it. */
  readonly source: string;
  /** What happened, as `ObjectCreated:Put`. */
  readonly event: string;
}

export interface SqsItem {
  readonly from: "sqs";
  readonly id: string;
  /** The queue's ARN. */
  readonly queue: string;
  readonly body: string;
}

export interface HttpItem {
  readonly from: "http";
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type TriggerItem = S3Item | SqsItem | HttpItem;

/** An item, and the key under which it starts one job however often its event is delivered. */
export interface Keyed<Item extends TriggerItem = TriggerItem> {
  readonly key: string;
  readonly item: Item;
}

export type TriggerEvent =
  | { readonly kind: "s3"; readonly items: readonly Keyed<S3Item>[] }
  | { readonly kind: "sqs"; readonly items: readonly Keyed<SqsItem>[] }
  | { readonly kind: "http"; readonly items: readonly [Keyed<HttpItem>] };

interface S3Record {
  readonly eventSource?: string;
  readonly eventName?: string;
  readonly s3?: {
    readonly bucket?: { readonly name?: string };
    readonly object?: {
      readonly key?: string;
      readonly size?: number;
      readonly versionId?: string;
      readonly sequencer?: string;
    };
  };
}

interface SqsRecord {
  readonly eventSource?: string;
  readonly messageId?: string;
  readonly eventSourceARN?: string;
  readonly body?: string;
}

interface HttpEvent {
  readonly version?: string;
  readonly rawPath?: string;
  readonly queryStringParameters?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly requestContext?: {
    readonly requestId?: string;
    readonly http?: { readonly method?: string; readonly path?: string };
  };
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

/** Undefined for an event of another kind. */
export function readEvent(event: unknown): TriggerEvent | undefined {
  const given = (event ?? {}) as HttpEvent & { readonly Records?: unknown; readonly Event?: unknown };
  // What S3 sends when a notification is set up.
  if (given.Event === "s3:TestEvent") return { kind: "s3", items: [] };
  if (Array.isArray(given.Records)) return readRecords(given.Records);
  if (given.requestContext?.http !== undefined) return { kind: "http", items: [httpItem(given)] };
  return undefined;
}

function readRecords(records: readonly (S3Record & SqsRecord)[]): TriggerEvent | undefined {
  const isOf = (source: string) => records.every(({ eventSource }) => eventSource === source);
  if (isOf("aws:s3")) return { kind: "s3", items: records.flatMap(s3Item) };
  if (isOf("aws:sqs")) return { kind: "sqs", items: records.map(sqsItem) };
  return undefined;
}

/** Nothing for what is no new object: a removal has nothing to work on. */
function s3Item({ eventName = "", s3 }: S3Record): readonly Keyed<S3Item>[] {
  const bucket = s3?.bucket?.name ?? "";
  const { key: encoded = "", size: bytes = 0, versionId = "", sequencer = "" } = s3?.object ?? {};
  if (!eventName.startsWith("ObjectCreated:")) return [];
  const key = decodeURIComponent(encoded.replaceAll("+", " "));
  // An object that is written again has another sequencer.
  const name = ["s3", bucket, encoded, versionId, sequencer].join(" ");
  const source = `s3://${bucket}/${key.replaceAll(/[*?[{\\]/g, "\\$&")}`;
  return [{ key: name, item: { from: "s3", bucket, key, bytes, source, event: eventName } }];
}

function sqsItem({ messageId: id = "", eventSourceARN: queue = "", body = "" }: SqsRecord): Keyed<SqsItem> {
  return { key: ["sqs", queue, id].join(" "), item: { from: "sqs", id, queue, body } };
}

function httpItem(event: HttpEvent): Keyed<HttpItem> {
  const { rawPath, requestContext = {}, queryStringParameters: query = {}, body = "" } = event;
  const headers = Object.fromEntries(
    Object.entries(event.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const { method = "GET", path = "/" } = requestContext.http ?? {};
  const text = event.isBase64Encoded ? Buffer.from(body, "base64").toString("utf8") : body;
  // Who may send a request again names it; else each is one of its own.
  const named = headers["idempotency-key"];
  const key = named === undefined ? `http ${requestContext.requestId ?? ""}` : `named ${named}`;
  return { key, item: { from: "http", method, path: rawPath ?? path, query, headers, body: text } };
}
