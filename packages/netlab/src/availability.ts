// Whether this machine can have a NAT lab, found out by trying: a tiny sandbox with one NAT of each way of writing rules.
// What is missing comes with what to do about it.

import { accessSync, constants, readFileSync } from "node:fs";
import { join } from "node:path";
import { FnmeshError } from "@fnmesh/core";
import { installHint, run, toolPackages, toolPath } from "./command.ts";
import { natTraits } from "./profiles.ts";
import { natRules } from "./rules.ts";
import { needsUserNamespace, sandboxCommand } from "./sandbox.ts";

export interface MissingForLab {
  readonly what: string;
  readonly hint: string;
}

export type LabAvailability =
  | { readonly available: true; readonly rootless: boolean }
  | { readonly available: false; readonly missing: readonly MissingForLab[] };

/**
 * Whether `openLab` can work here. Never rejects; takes some tens of milliseconds.
 *
 * @example
 * const lab = await labAvailability();
 * if (!lab.available) for (const { what, hint } of lab.missing) console.log(`${what}\n  ${hint}`);
 */
export async function labAvailability(platform: string = process.platform): Promise<LabAvailability> {
  if (platform !== "linux")
    return unavailable({
      what: `Linux (this is ${platform})`,
      hint: "Run fnmesh in a Linux virtual machine.",
    });
  const tools = missingTools(toolPath());
  if (tools.length > 0) return unavailable(...tools);
  const rootless = needsUserNamespace();
  const missing = (await tryNamespaces(rootless)) ?? (await tryNat(rootless));
  return missing === undefined ? { available: true, rootless } : unavailable(missing);
}

/** Throws LAB_UNAVAILABLE with everything that is missing. */
export function requireLab(
  availability: LabAvailability,
): asserts availability is { available: true; rootless: boolean } {
  if (availability.available) return;
  const what = availability.missing.map((missing) => missing.what).join(", ");
  const hints = [...new Set(availability.missing.map(({ hint }) => hint))].join(" ");
  throw new FnmeshError("LAB_UNAVAILABLE", `this machine cannot make a NAT lab, it lacks: ${what}`, {
    hint: `${hints} Or run without a lab: --nat none.`,
  });
}

const unavailable = (...missing: readonly MissingForLab[]): LabAvailability => ({
  available: false,
  missing,
});

/** The tools of a lab that are not in a path. */
export function missingTools(path: string): readonly MissingForLab[] {
  const installed = (tool: string) => path.split(":").some((dir) => canRun(join(dir, tool)));
  return Object.entries(toolPackages)
    .filter(([tool]) => !installed(tool))
    .map(([tool, name]) => ({ what: `the command \`${tool}\``, hint: installHint(name) }));
}

function canRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false; // The answer to the question.
  }
}

async function tryNamespaces(rootless: boolean): Promise<MissingForLab | undefined> {
  const purpose = "making namespaces";
  return wordsOfFailure(run([...sandboxCommand(rootless), "true"], { purpose }), namespaceHint());
}

// Everything that a lab needs of the kernel: named namespaces, veth links, and both ways of writing a NAT.
async function tryNat(rootless: boolean): Promise<MissingForLab | undefined> {
  const inside = [{ address: "10.0.0.1", ports: { first: 32_768, last: 60_999 } }];
  const rules = [natTraits.reset!, natTraits.symmetric!].map((traits) => {
    const text = natRules({ traits, publicAddress: "198.18.0.1", inside });
    return `nft -f - <<'END'\n${text}END\nnft flush ruleset\n`;
  });
  const script = `set -e
mount -t tmpfs fnmesh /run
mkdir /run/netns
ip netns add try
ip link add try type veth peer name try netns try
${rules.join("")}`;
  return wordsOfFailure(
    run([...sandboxCommand(rootless), "sh"], { input: script, purpose: "making a NAT" }),
    "The kernel needs veth, nf_tables and nf_nat (CONFIG_VETH, CONFIG_NF_TABLES, CONFIG_NFT_NAT); in a container, run it privileged.",
  );
}

async function wordsOfFailure(trial: Promise<unknown>, hint: string): Promise<MissingForLab | undefined> {
  try {
    await trial;
    return undefined;
  } catch (error) {
    return { what: error instanceof Error ? error.message : String(error), hint };
  }
}

/** Settings that keep ordinary users from making namespaces, by distribution, and the value at which they do. */
const locks = [
  { file: "kernel/apparmor_restrict_unprivileged_userns", locked: "1", open: "0" },
  { file: "kernel/unprivileged_userns_clone", locked: "0", open: "1" },
  { file: "user/max_user_namespaces", locked: "0", open: "16384" },
  { file: "user/max_net_namespaces", locked: "0", open: "16384" },
];

function namespaceHint(): string {
  const lock = locks.find(({ file, locked }) => settingOf(file) === locked);
  if (lock === undefined) return "Run as root, or in a privileged container.";
  return `Run as root, or allow it to ordinary users: sysctl -w ${lock.file.replaceAll("/", ".")}=${lock.open}`;
}

function settingOf(file: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${file}`, "utf8").trim();
  } catch {
    return undefined; // This kernel does not have the setting.
  }
}
