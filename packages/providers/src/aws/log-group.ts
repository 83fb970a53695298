// The function's log: made before the function, since Lambda would make one by itself that is kept for ever.

import type { CloudWatchLogs, LogGroup } from "@aws-sdk/client-cloudwatch-logs";
import type { Found, Resource } from "../kit/deployment.ts";
import { nameTaken } from "./errors.ts";
import { isOurs, logGroupName, type Tags, tagFacts, tagsOf } from "./names.ts";
import { absent, ask } from "./request.ts";
import type { AwsSettings } from "./settings.ts";

/** Long enough to look into what went wrong last week, and stored for cents. */
const keptDays = 7;

export function logGroupResource(settings: AwsSettings, logs: CloudWatchLogs): Resource {
  const name = logGroupName(settings);

  const find = async (signal: AbortSignal): Promise<LogGroup | undefined> => {
    const { logGroups = [] } = await ask({ action: "logs:DescribeLogGroups", signal }, (options) =>
      logs.describeLogGroups({ logGroupNamePrefix: name, limit: 50 }, options),
    );
    return logGroups.find(({ logGroupName }) => logGroupName === name);
  };
  const tagsAt = async (arn: string, signal: AbortSignal): Promise<Tags> => {
    const { tags = {} } = await ask({ action: "logs:ListTagsForResource", signal }, (options) =>
      logs.listTagsForResource({ resourceArn: arn }, options),
    );
    return tags;
  };
  const keep = (signal: AbortSignal) =>
    ask({ action: "logs:PutRetentionPolicy", signal }, (options) =>
      logs.putRetentionPolicy({ logGroupName: name, retentionInDays: keptDays }, options),
    );
  const tag = async (signal: AbortSignal) => {
    const resourceArn = arnOf((await find(signal))!);
    await ask({ action: "logs:TagResource", signal }, (options) =>
      logs.tagResource({ resourceArn, tags: tagsOf(settings) }, options),
    );
  };
  const read = async (signal: AbortSignal): Promise<Found | undefined> => {
    const found = await find(signal);
    if (found === undefined) return undefined;
    const tags = await tagsAt(arnOf(found), signal);
    const { retentionInDays: days } = found;
    const kept = days === undefined ? "for ever" : `${days} days`;
    return { facts: { kept, ...tagFacts(settings, tags) }, ours: isOurs(tags, settings) };
  };
  return {
    kind: "log group",
    name,
    wanted: { kept: `${keptDays} days`, ...tagFacts(settings) },
    read,
    async create(signal) {
      const there = { ResourceAlreadyExistsException: () => "there" as const };
      const outcome = await ask<unknown>(
        { action: "logs:CreateLogGroup", signal, expected: there },
        (options) => logs.createLogGroup({ logGroupName: name, tags: tagsOf(settings) }, options),
      );
      // By a request of ours whose answer was lost; or by a stranger, a moment ago.
      if (outcome === "there" && !(await read(signal))?.ours) throw nameTaken("log group", name);
      await keep(signal);
    },
    async update(changed, signal) {
      if (changed.includes("kept")) await keep(signal);
      if (changed.includes("tags")) await tag(signal);
    },
    async remove(signal) {
      await ask(
        { action: "logs:DeleteLogGroup", signal, expected: { ResourceNotFoundException: absent } },
        (options) => logs.deleteLogGroup({ logGroupName: name }, options),
      );
    },
  };
}

/** Older answers have an ARN that ends in `:*`, which the calls about tags do not take. */
const arnOf = ({ logGroupArn, arn }: LogGroup): string => logGroupArn ?? arn!.replace(/:\*$/, "");
