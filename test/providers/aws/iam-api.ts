// IAM's part in an account, for tests: roles and their inline policies, over the query protocol.

import { accountId, type FakeAccount, type FakeRole } from "./account.ts";
import { AwsFault, check, type Input, type Operation, passes, type Tags, wait } from "./wire.ts";

const notThere = (name: unknown) =>
  new AwsFault("NoSuchEntity", 404, `The role with name ${name} cannot be found.`);

export const roleArn = (name: unknown): string => `arn:aws:iam::${accountId}:role/${name}`;

/** Form fields to a tree: `Tags.member.1.Key=a` is `{ Tags: [{ Key: "a" }] }`. */
export function queryInput(body: string): { readonly operation: string; readonly input: Input } {
  const { Action, Version, ...fields } = Object.fromEntries(new URLSearchParams(body)) as Record<
    string,
    string
  >;
  check(Version === "2010-05-08", `Version ${Version}`);
  const input: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    const listed = /^(\w+)\.member\.(\d+)\.(\w+)$/.exec(name);
    if (listed === null) {
      input[name] = value;
      continue;
    }
    const [, list, index, field] = listed as unknown as [string, string, string, string];
    const items = (input[list] ?? []) as Record<string, string>[];
    items[Number(index) - 1] = { ...items[Number(index) - 1], [field]: value };
    input[list] = items;
  }
  return { operation: Action ?? "", input };
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

export function xmlOf(value: unknown): string {
  if (value === undefined) return "";
  if (Array.isArray(value)) return value.map((each) => `<member>${xmlOf(each)}</member>`).join("");
  if (typeof value !== "object" || value === null) return escaped(String(value));
  return Object.entries(value)
    .map(([name, inner]) => (inner === undefined ? "" : `<${name}>${xmlOf(inner)}</${name}>`))
    .join("");
}

export function iamOperations(account: FakeAccount): Readonly<Record<string, Operation>> {
  const find = ({ RoleName }: Input): FakeRole => {
    const role = account.roles.get(String(RoleName));
    if (role === undefined) throw notThere(RoleName);
    return role;
  };
  const resource = ({ RoleName }: Input) => roleArn(RoleName);
  const common = { resource, mutates: true };
  const document = (text: unknown): string => {
    try {
      const parsed = JSON.parse(String(text)) as { Version?: string; Statement?: unknown };
      check(parsed.Version === "2012-10-17" && Array.isArray(parsed.Statement), "policy");
    } catch {
      throw new AwsFault("MalformedPolicyDocument", 400, "Syntax errors in policy.");
    }
    return String(text);
  };
  const told = ({ name, arn, trust, description, tags }: FakeRole) => ({
    Role: {
      Path: "/",
      RoleName: name,
      RoleId: "AROA00000000000000000",
      Arn: arn,
      CreateDate: "2026-11-24T00:00:00Z",
      AssumeRolePolicyDocument: encodeURIComponent(trust),
      Description: description,
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    },
  });
  return {
    CreateRole: {
      ...common,
      action: "iam:CreateRole",
      required: ["RoleName", "AssumeRolePolicyDocument"],
      optional: ["Description", "Tags"],
      also: (input) =>
        input.Tags === undefined ? [] : [{ action: "iam:TagRole", resource: resource(input) }],
      run(input) {
        const name = String(input.RoleName);
        check(/^[\w+=,.@-]{1,64}$/.test(name), `RoleName ${name}`);
        if (account.roles.has(name)) {
          throw new AwsFault("EntityAlreadyExists", 409, `Role with name ${name} already exists.`);
        }
        const role: FakeRole = {
          name,
          arn: roleArn(name),
          trust: document(input.AssumeRolePolicyDocument),
          description: input.Description as string | undefined,
          tags: tagsOf(input.Tags),
          policies: new Map(),
          hidden: wait(account.delays.roleShows),
          unbelieved: wait(account.delays.roleAssumable),
        };
        account.roles.set(name, role);
        return told(role);
      },
    },
    GetRole: {
      resource,
      mutates: false,
      action: "iam:GetRole",
      required: ["RoleName"],
      run(input) {
        const role = find(input);
        if (!passes(role.hidden)) throw notThere(input.RoleName);
        return told(role);
      },
    },
    UpdateAssumeRolePolicy: {
      ...common,
      action: "iam:UpdateAssumeRolePolicy",
      required: ["RoleName", "PolicyDocument"],
      run(input) {
        find(input).trust = document(input.PolicyDocument);
      },
    },
    TagRole: {
      ...common,
      action: "iam:TagRole",
      required: ["RoleName", "Tags"],
      run: (input) => void Object.assign(find(input).tags, tagsOf(input.Tags)),
    },
    PutRolePolicy: {
      ...common,
      action: "iam:PutRolePolicy",
      required: ["RoleName", "PolicyName", "PolicyDocument"],
      run: (input) => void find(input).policies.set(String(input.PolicyName), document(input.PolicyDocument)),
    },
    GetRolePolicy: {
      resource,
      mutates: false,
      action: "iam:GetRolePolicy",
      required: ["RoleName", "PolicyName"],
      run(input) {
        const found = find(input).policies.get(String(input.PolicyName));
        if (found === undefined) throw notThere(input.RoleName);
        const { RoleName, PolicyName } = input;
        return { RoleName, PolicyName, PolicyDocument: encodeURIComponent(found) };
      },
    },
    DeleteRolePolicy: {
      ...common,
      action: "iam:DeleteRolePolicy",
      required: ["RoleName", "PolicyName"],
      run(input) {
        if (!find(input).policies.delete(String(input.PolicyName))) throw notThere(input.RoleName);
      },
    },
    DeleteRole: {
      ...common,
      action: "iam:DeleteRole",
      required: ["RoleName"],
      run(input) {
        if (find(input).policies.size > 0) {
          throw new AwsFault("DeleteConflict", 409, "Cannot delete entity, must delete policies first.");
        }
        account.roles.delete(String(input.RoleName));
      },
    },
  };
}

const tagsOf = (list: unknown): Tags =>
  Object.fromEntries(
    ((list ?? []) as { Key: string; Value: string }[]).map(({ Key, Value }) => [Key, Value]),
  );
