// The programs that the NAT lab calls, and their Debian packages.

import { lastLines, runQuietly, which } from "./run.mjs";

const packageOf = {
  ip: "iproute2",
  nft: "nftables",
  unshare: "util-linux",
  nsenter: "util-linux",
  setpriv: "util-linux",
  mount: "mount",
};

export function missingPackages(find = which) {
  const missing = Object.entries(packageOf).filter(([program]) => find(program) === undefined);
  return [...new Set(missing.map(([, name]) => name))];
}

/** Installs what the lab needs where this user may; else says what to install. Never ends the set-up: all but the lab works without. */
export async function installLabPrograms() {
  if (process.platform !== "linux") return;
  const missing = missingPackages();
  if (missing.length === 0) return;
  const command = `apt-get install ${missing.join(" ")}`;
  if (process.getuid() !== 0 || which("apt-get") === undefined) {
    console.error(`the NAT lab needs ${missing.join(", ")}: \`sudo ${command}\` (going on without it)`);
    return;
  }
  console.error(`installing Debian packages for the NAT lab: ${missing.join(", ")} …`);
  const failure = await aptGet(["update"]).then(
    (failed) => failed ?? aptGet(["install", "--no-install-recommends", ...missing]),
  );
  if (failure !== undefined)
    console.error(`${failure}\n  going on without the NAT lab; later: \`${command}\``);
}

/** Undefined, or what went wrong. */
async function aptGet(args) {
  const options = { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" }, timeout: 300_000 };
  const { code, output } = await runQuietly("apt-get", ["-q", "-y", ...args], options);
  return code === 0
    ? undefined
    : `\`apt-get ${args[0]}\` failed (exit code ${code}):\n${lastLines(output, 8)}`;
}
