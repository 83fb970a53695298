// What everything on AWS is called, and how fnmesh knows its own.

import type { AwsSettings } from "./settings.ts";

/** The tag that marks what fnmesh has made. Its value is the stage. */
export const ownTag = "fnmesh";

export const functionName = ({ stage }: Pick<AwsSettings, "stage">): string => `fnmesh-${stage}`;

/** Lambda's own name for it, so that all tools find it. */
export const logGroupName = (settings: Pick<AwsSettings, "stage">): string =>
  `/aws/lambda/${functionName(settings)}`;

/** Roles are known in all regions, functions in one. */
export const roleName = (settings: Pick<AwsSettings, "stage">, region: string): string =>
  `${functionName(settings)}-${region}`;

export type Tags = Readonly<Record<string, string>>;

export const tagsOf = ({ stage, tags }: Pick<AwsSettings, "stage" | "tags">): Tags => ({
  ...tags,
  [ownTag]: stage,
});

export const isOurs = (found: Tags, { stage }: Pick<AwsSettings, "stage">): boolean =>
  found[ownTag] === stage;

/**
 * The tags that the user wants, as a fact; of what is there only these count, since others may tag, too. Without any
 * there is no such fact.
 */
export function tagFacts(
  { tags }: Pick<AwsSettings, "tags">,
  found: Tags = tags,
): { readonly tags?: string } {
  const names = Object.keys(tags);
  if (names.length === 0) return {};
  return {
    tags: names.flatMap((name) => (found[name] === undefined ? [] : [`${name}=${found[name]}`])).join(", "),
  };
}
