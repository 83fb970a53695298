// The role that the function has: Lambda alone may take it, and it gives as little as works.

import type { IAM, Role } from "@aws-sdk/client-iam";
import type { Facts, Resource } from "../kit/deployment.ts";
import { untilReady } from "../kit/until-ready.ts";
import type { PlatformSession } from "../platform.ts";
import { nameTaken } from "./errors.ts";
import { isOurs, roleName, type Tags, tagFacts, tagsOf } from "./names.ts";
import { policyFact, rightsPolicy, trustPolicy } from "./policies.ts";
import { absent, ask } from "./request.ts";
import type { AwsSettings } from "./settings.ts";

/** The inline policy's name. */
const policyName = "fnmesh";
const there = { EntityAlreadyExistsException: absent, EntityAlreadyExists: absent };
/** A new role shows everywhere within seconds; a minute is IAM on a bad day. */
const visibleMs = 60_000;
/** IAM's names for what is not there, and for what is: with the suffix from the SDK, without on the wire. */
const gone = { NoSuchEntityException: absent, NoSuchEntity: absent };

export interface RoleOptions {
  readonly settings: AwsSettings;
  readonly iam: IAM;
  readonly region: string;
  readonly clock: PlatformSession["clock"];
}

/** Undefined: there is none. */
export const getRole = async (iam: IAM, name: string, signal: AbortSignal): Promise<Role | undefined> => {
  const answer = await ask({ action: "iam:GetRole", signal, expected: gone }, (options) =>
    iam.getRole({ RoleName: name }, options),
  );
  return answer?.Role;
};

export function roleResource({ settings, iam, region, clock }: RoleOptions): Resource {
  const name = roleName(settings, region);
  const rights = rightsPolicy(settings, region);
  const rightsName = settings.vpc === undefined ? "its own log" : "its own log, network interfaces by Lambda";
  const factsOf = (trust: unknown, found: unknown, tags?: Tags): Facts => ({
    trust: policyFact("Lambda alone", trustPolicy, trust),
    rights: policyFact(rightsName, rights, found),
    ...tagFacts(settings, tags),
  });

  const readRights = async (signal: AbortSignal): Promise<unknown> => {
    const answer = await ask({ action: "iam:GetRolePolicy", signal, expected: gone }, (options) =>
      iam.getRolePolicy({ RoleName: name, PolicyName: policyName }, options),
    );
    return decoded(answer?.PolicyDocument);
  };
  const putRights = (signal: AbortSignal) =>
    ask({ action: "iam:PutRolePolicy", signal }, (options) =>
      iam.putRolePolicy(
        { RoleName: name, PolicyName: policyName, PolicyDocument: JSON.stringify(rights) },
        options,
      ),
    );
  const putTrust = (signal: AbortSignal) =>
    ask({ action: "iam:UpdateAssumeRolePolicy", signal }, (options) =>
      iam.updateAssumeRolePolicy({ RoleName: name, PolicyDocument: JSON.stringify(trustPolicy) }, options),
    );
  const putTags = (signal: AbortSignal) =>
    ask({ action: "iam:TagRole", signal }, (options) =>
      iam.tagRole({ RoleName: name, Tags: tagList(settings) }, options),
    );
  /** What IAM has just made, not all of it knows at once. */
  const visible = async (signal: AbortSignal): Promise<Role> => {
    let role: Role | undefined;
    await untilReady({ what: `the role ${name}`, withinMs: visibleMs, clock, signal }, async () => {
      role = await getRole(iam, name, signal);
      return role !== undefined;
    });
    return role!;
  };
  return {
    kind: "role",
    name,
    // The user's own takes its place, and only fnmesh's is fnmesh's to remove.
    wanted: settings.roleArn === undefined ? factsOf(trustPolicy, rights) : undefined,
    async read(signal) {
      const role = await getRole(iam, name, signal);
      if (role === undefined) return undefined;
      const tags = tagsIn(role);
      const facts = factsOf(decoded(role.AssumeRolePolicyDocument), await readRights(signal), tags);
      return { facts, ours: isOurs(tags, settings) };
    },
    async create(signal) {
      await ask<unknown>({ action: "iam:CreateRole", signal, expected: there }, (options) =>
        iam.createRole(
          {
            RoleName: name,
            AssumeRolePolicyDocument: JSON.stringify(trustPolicy),
            Description: "fnmesh: what its workers on Lambda may do",
            Tags: tagList(settings),
          },
          options,
        ),
      );
      // One that was there already has not been visible when it was looked for: by an earlier run, or a stranger's.
      if (!isOurs(tagsIn(await visible(signal)), settings)) throw nameTaken("role", name);
      await putRights(signal);
    },
    async update(changed, signal) {
      if (changed.includes("trust")) await putTrust(signal);
      if (changed.includes("rights")) await putRights(signal);
      if (changed.includes("tags")) await putTags(signal);
    },
    async remove(signal) {
      await ask<unknown>({ action: "iam:DeleteRolePolicy", signal, expected: gone }, (options) =>
        iam.deleteRolePolicy({ RoleName: name, PolicyName: policyName }, options),
      );
      await ask<unknown>({ action: "iam:DeleteRole", signal, expected: gone }, (options) =>
        iam.deleteRole({ RoleName: name }, options),
      );
    },
  };
}

const tagList = (settings: AwsSettings) =>
  Object.entries(tagsOf(settings)).map(([Key, Value]) => ({ Key, Value }));

const tagsIn = ({ Tags = [] }: Role): Tags =>
  Object.fromEntries(Tags.map(({ Key, Value }) => [Key!, Value ?? ""]));

/** IAM tells documents as URL-encoded JSON. */
function decoded(document: string | undefined): unknown {
  return document === undefined ? undefined : JSON.parse(decodeURIComponent(document));
}
