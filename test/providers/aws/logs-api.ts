// CloudWatch Logs' part in an account, for tests: groups, and a search in them, over JSON 1.1.

import { accountId, type FakeAccount, type FakeLogGroup } from "./account.ts";
import type { LogEvent } from "./log-records.ts";
import { AwsFault, check, type Input, type Operation, type Tags } from "./wire.ts";

/** The retentions that there are, as far as tests are in need of them. */
const retentions = [1, 3, 5, 7, 14, 30];
/** Events of one answer: few, so that searches go over several. */
const pageEvents = 10;

const notThere = () =>
  new AwsFault("ResourceNotFoundException", 400, "The specified log group does not exist.");

export const logGroupArn = (region: string, name: unknown): string =>
  `arn:aws:logs:${region}:${accountId}:log-group:${name}`;

/** What is in a group, in the order in which it came. */
export type EventsIn = (group: FakeLogGroup) => readonly LogEvent[];

export function logsOperations(
  account: FakeAccount,
  eventsIn: EventsIn,
): Readonly<Record<string, Operation>> {
  const arnOf = (name: unknown) => logGroupArn(account.region, name);
  const find = (name: unknown): FakeLogGroup => {
    const group = account.logGroups.get(String(name));
    if (group === undefined) throw notThere();
    return group;
  };
  const findByArn = ({ resourceArn }: Input): FakeLogGroup => {
    check(!String(resourceArn).endsWith(":*"), "resourceArn ends in :*");
    const group = [...account.logGroups.values()].find(({ arn }) => arn === resourceArn);
    if (group === undefined) throw notThere();
    return group;
  };
  const byName = ({ logGroupName }: Input) => `${arnOf(logGroupName)}:*`;
  const byArn = ({ resourceArn }: Input) => String(resourceArn);
  return {
    CreateLogGroup: {
      action: "logs:CreateLogGroup",
      mutates: true,
      required: ["logGroupName"],
      optional: ["tags"],
      resource: byName,
      also: (input) =>
        input.tags === undefined ? [] : [{ action: "logs:TagResource", resource: arnOf(input.logGroupName) }],
      run({ logGroupName, tags = {} }) {
        const name = String(logGroupName);
        check(/^[\w.\-/#]{1,512}$/.test(name), `logGroupName ${name}`);
        if (account.logGroups.has(name)) {
          throw new AwsFault("ResourceAlreadyExistsException", 400, "The specified log group already exists");
        }
        const group = { name, arn: arnOf(name), retentionDays: undefined, tags: tags as Tags };
        account.logGroups.set(name, group);
      },
    },
    DescribeLogGroups: {
      action: "logs:DescribeLogGroups",
      mutates: false,
      required: ["logGroupNamePrefix"],
      optional: ["limit"],
      resource: () => arnOf("*"),
      run: ({ logGroupNamePrefix }) => ({
        logGroups: [...account.logGroups.values()]
          .filter(({ name }) => name.startsWith(String(logGroupNamePrefix)))
          .map(({ name, arn, retentionDays }) => ({
            logGroupName: name,
            arn: `${arn}:*`,
            logGroupArn: arn,
            ...(retentionDays === undefined ? {} : { retentionInDays: retentionDays }),
          })),
      }),
    },
    PutRetentionPolicy: {
      action: "logs:PutRetentionPolicy",
      mutates: true,
      required: ["logGroupName", "retentionInDays"],
      resource: byName,
      run({ logGroupName, retentionInDays }) {
        check(retentions.includes(Number(retentionInDays)), `retentionInDays ${retentionInDays}`);
        find(logGroupName).retentionDays = Number(retentionInDays);
      },
    },
    ListTagsForResource: {
      action: "logs:ListTagsForResource",
      mutates: false,
      required: ["resourceArn"],
      resource: byArn,
      run: (input) => ({ tags: findByArn(input).tags }),
    },
    TagResource: {
      action: "logs:TagResource",
      mutates: true,
      required: ["resourceArn", "tags"],
      resource: byArn,
      run: (input) => void Object.assign(findByArn(input).tags, input.tags),
    },
    DeleteLogGroup: {
      action: "logs:DeleteLogGroup",
      mutates: true,
      required: ["logGroupName"],
      resource: byName,
      run({ logGroupName }) {
        account.logGroups.delete(find(logGroupName).name);
      },
    },
    FilterLogEvents: {
      action: "logs:FilterLogEvents",
      mutates: false,
      required: ["logGroupName"],
      optional: ["logStreamNames", "startTime", "filterPattern", "nextToken"],
      resource: byName,
      run: (input) => filtered(eventsIn(find(input.logGroupName)), input),
    },
  };
}

/** Pages begin with an empty one now and then, as real ones do. */
function filtered(all: readonly LogEvent[], input: Input) {
  const { logStreamNames, startTime = 0, filterPattern = "", nextToken } = input;
  const streams = logStreamNames as readonly string[] | undefined;
  check(streams === undefined || streams.length > 0, "logStreamNames");
  const asked = /^(?:\{ \$\.record\.requestId = "([^"]+)" \})?$/.exec(String(filterPattern));
  check(asked !== null, `filterPattern ${filterPattern}: only a record's request id is known here`);
  const found = all
    .filter(({ stream }) => streams === undefined || streams.includes(stream))
    .filter(({ timestamp }) => timestamp >= Number(startTime))
    .filter(({ message }) => asked![1] === undefined || requestIdIn(message) === asked![1]);
  if (nextToken === undefined && found.length > pageEvents) return { events: [], nextToken: "from 0" };
  const from = Number(String(nextToken ?? "from 0").slice("from ".length));
  const next = from + pageEvents;
  return {
    events: found.slice(from, next).map(({ stream, timestamp, message }, index) => ({
      logStreamName: stream,
      timestamp,
      message,
      ingestionTime: timestamp,
      eventId: String(from + index),
    })),
    searchedLogStreams: [],
    ...(next < found.length ? { nextToken: `from ${next}` } : {}),
  };
}

/** As CloudWatch reads `$.record.requestId`: of JSON alone. */
function requestIdIn(message: string): unknown {
  try {
    return (JSON.parse(message) as { readonly record?: { readonly requestId?: unknown } }).record?.requestId;
  } catch {
    return undefined; // A text.
  }
}
