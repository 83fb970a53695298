// What Azure's command `az` does with the commands that fnmesh gives it, on a subscription in memory: what it prints,
// and what it refuses (learn.microsoft.com/cli/azure).

import { existsSync, readFileSync } from "node:fs";
import { unzipSync } from "fflate";

interface Tagged {
  readonly id: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface Subscription {
  readonly groups: Readonly<Record<string, Tagged>>;
  readonly accounts: Readonly<Record<string, Tagged & { readonly group: string }>>;
  /** "account/queue" */
  readonly queues: readonly string[];
  readonly apps: Readonly<Record<string, App>>;
}

interface App extends Tagged {
  readonly group: string;
  readonly functionAppConfig: object;
  /** Names of the files that were deployed. */
  readonly files?: readonly string[];
}

export const emptySubscription: Subscription = { groups: {}, accounts: {}, queues: [], apps: {} };

/** Given to `change`, or an error that `az` would print. */
export interface Outcome {
  /** Of a command that changes something. */
  readonly effect?: (before: Subscription) => Subscription;
  /** As JSON; undefined: nothing. */
  readonly prints?: unknown;
  readonly code: number;
  readonly stderr?: string;
}

export function az(args: readonly string[], now: Subscription): Outcome {
  const first = args.findIndex((arg) => arg.startsWith("--"));
  const command = args.slice(0, first).join(" ");
  const given = optionsOf(args.slice(first));
  if (given.output !== "json") return fails(2, "the test reads JSON");
  const run = commands[command];
  return run === undefined ? fails(2, `'${command}' is misspelled or not recognized`) : run(given, now);
}

type Options = Readonly<Record<string, string>>;

function optionsOf(args: readonly string[]): Options {
  const found: Record<string, string> = {};
  for (const [at, arg] of args.entries()) {
    if (!arg.startsWith("--")) continue;
    const value = args[at + 1];
    found[arg.slice(2)] = value === undefined || value.startsWith("--") ? "true" : value;
  }
  return found;
}

const fails = (code: number, stderr: string): Outcome => ({ code, stderr: `ERROR: ${stderr}` });
const prints = (value: unknown): Outcome => ({ code: 0, prints: value });
const does = (effect: NonNullable<Outcome["effect"]>, value: unknown = undefined): Outcome => ({
  ...{ code: 0, effect, prints: value },
});
const noGroup = (name: string) =>
  fails(3, `(ResourceGroupNotFound) Resource group '${name}' could not be found.`);
const noResource = (name: string) => fails(3, `(ResourceNotFound) The Resource '${name}' was not found.`);
const noAccount = (name: string) => fails(1, `The storage account '${name}' was not found.`);
const tagsOf = (text: string | undefined) =>
  Object.fromEntries((text ?? "").split(" ").map((tag) => tag.split("=")));
const without = <T>(record: Readonly<Record<string, T>>, name: string) =>
  Object.fromEntries(Object.entries(record).filter(([each]) => each !== name));
const outside = <T extends { readonly group: string }>(record: Readonly<Record<string, T>>, group: string) =>
  Object.fromEntries(Object.entries(record).filter(([, each]) => each.group !== group));

const scaleOf = (given: Options) => ({
  scaleAndConcurrency: {
    instanceMemoryMB: Number(given["instance-memory"]),
    maximumInstanceCount: Number(given["maximum-instance-count"]),
  },
});

const commands: Readonly<Record<string, (given: Options, now: Subscription) => Outcome>> = {
  "group show": ({ name = "" }, { groups }) => (groups[name] ? prints(groups[name]) : noGroup(name)),
  "group create": ({ name = "", location, tags }) =>
    location === undefined
      ? fails(2, "the following arguments are required: --location/-l")
      : does((now) => ({
          ...now,
          groups: { ...now.groups, [name]: { id: `/groups/${name}`, tags: tagsOf(tags) } },
        })),
  "group delete": ({ name = "", yes }, { groups }) => {
    if (groups[name] === undefined) return noGroup(name);
    if (yes === undefined) return fails(1, "Unable to prompt for confirmation as no tty available.");
    return does((now) => ({
      groups: without(now.groups, name),
      accounts: outside(now.accounts, name),
      queues: now.queues.filter((queue) => now.accounts[queue.split("/")[0]!]?.group !== name),
      apps: outside(now.apps, name),
    }));
  },
  "storage account show": ({ name = "" }, { accounts }) =>
    accounts[name] ? prints(accounts[name]) : noResource(name),
  "storage account create": ({ name = "", "resource-group": group = "", tags }, { groups }) => {
    if (groups[group] === undefined) return noGroup(group);
    if (!/^[a-z0-9]{3,24}$/.test(name)) return fails(1, "(AccountNameInvalid) is not a valid name");
    const account = { id: `/accounts/${name}`, group, tags: tagsOf(tags) };
    return does((now) => ({ ...now, accounts: { ...now.accounts, [name]: account } }));
  },
  "storage account delete": ({ name = "" }) =>
    does((now) => ({
      ...now,
      accounts: without(now.accounts, name),
      queues: now.queues.filter((queue) => !queue.startsWith(`${name}/`)),
    })),
  "storage account keys list": ({ "account-name": name = "" }, { accounts }) =>
    accounts[name] ? prints([{ keyName: "key1", value: "Y2FuYXJ5LWFjY291bnQta2V5" }]) : noResource(name),
  "storage queue exists": ({ name, "account-name": account = "" }, { accounts, queues }) =>
    accounts[account] ? prints({ exists: queues.includes(`${account}/${name}`) }) : noAccount(account),
  "storage queue create": ({ name, "account-name": account = "" }, { accounts }) =>
    accounts[account]
      ? does((now) => ({ ...now, queues: [...new Set([...now.queues, `${account}/${name}`])] }))
      : noAccount(account),
  "storage queue delete": ({ name, "account-name": account = "" }) =>
    does((now) => ({ ...now, queues: now.queues.filter((queue) => queue !== `${account}/${name}`) })),
  "functionapp show": ({ name = "" }, { apps }) => (apps[name] ? prints(apps[name]) : noResource(name)),
  "functionapp create": (given, { groups, accounts }) => {
    const { name = "", "resource-group": group = "", "storage-account": account = "", tags } = given;
    if (groups[group] === undefined) return noGroup(group);
    if (accounts[account] === undefined) return noAccount(account);
    if (!/^(512|2048|4096)$/.test(given["instance-memory"] ?? "")) return fails(1, "invalid instance memory");
    const app = { id: `/apps/${name}`, group, tags: tagsOf(tags), functionAppConfig: scaleOf(given) };
    return does((now) => ({ ...now, apps: { ...now.apps, [name]: app } }));
  },
  "functionapp scale config set": (given, { apps }) =>
    changed(given.name, apps, { functionAppConfig: scaleOf(given) }),
  "functionapp deployment source config-zip": ({ name, src = "" }, { apps }) => {
    if (!existsSync(src)) return fails(1, `[Errno 2] No such file or directory: '${src}'`);
    return changed(name, apps, { files: Object.keys(unzipSync(readFileSync(src))) });
  },
  "functionapp delete": ({ name = "" }) => does((now) => ({ ...now, apps: without(now.apps, name) })),
  "tag update": ({ "resource-id": id, operation, tags }, { apps }) => {
    const [name, app] = Object.entries(apps).find(([, each]) => each.id === id) ?? [];
    if (app === undefined || operation !== "Merge") return noResource(id ?? "");
    return changed(name, apps, { tags: { ...app.tags, ...tagsOf(tags) } });
  },
};

function changed(name: string | undefined, apps: Subscription["apps"], change: Partial<App>): Outcome {
  const app = apps[name ?? ""];
  if (app === undefined) return noResource(name ?? "");
  return does((now) => ({ ...now, apps: { ...now.apps, [name!]: { ...app, ...change } } }));
}
