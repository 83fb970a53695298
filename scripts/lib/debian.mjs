// The programs that the NAT lab and the tests of stores and platforms call, and their Debian packages.

import { existsSync } from "node:fs";
import { lastLines, runQuietly, which } from "./run.mjs";

/** By purpose: program, or file, to package. */
const packagesFor = {
  "the NAT lab": {
    ip: "iproute2",
    nft: "nftables",
    unshare: "util-linux",
    nsenter: "util-linux",
    setpriv: "util-linux",
    mount: "mount",
  },
  "the tests of stores": {
    setpriv: "util-linux",
    "redis-server": "redis-server",
    memcached: "memcached",
    ceph: "ceph-common",
    "ceph-mon": "ceph-mon",
    "ceph-osd": "ceph-osd",
    radosgw: "radosgw",
    // A library: what its tests start is a program of ours.
    "/usr/lib/python3/dist-packages/swift/__init__.py": "python3-swift",
  },
  "the tests of platforms": {
    "g++": "g++",
    "curl-config": "libcurl4-openssl-dev",
  },
};

const purposes = { lab: "the NAT lab", stores: "the tests of stores", platforms: "the tests of platforms" };

const find = (program) => (program.startsWith("/") ? existsSync(program) || undefined : which(program));

export function missingPackages(purpose, found = find) {
  const missing = Object.entries(packagesFor[purposes[purpose]]).filter(
    ([program]) => found(program) === undefined,
  );
  return [...new Set(missing.map(([, name]) => name))];
}

/** Installs what `lab`, `stores` or `platforms` need where this user may; else says what to install. Never ends the set-up: all else works without. */
export async function installPrograms(purpose) {
  if (process.platform !== "linux") return;
  const missing = missingPackages(purpose);
  if (missing.length === 0) return;
  const name = purposes[purpose];
  const command = `apt-get install --no-install-recommends ${missing.join(" ")}`;
  if (process.getuid() !== 0 || which("apt-get") === undefined) {
    console.error(
      `${name} need${purpose === "lab" ? "s" : ""} ${missing.join(", ")}: \`sudo ${command}\` (going on without)`,
    );
    return;
  }
  console.error(`installing Debian packages for ${name}: ${missing.join(", ")} …`);
  const failure = await aptGet(["update"]).then(
    (failed) => failed ?? aptGet(["install", "--no-install-recommends", ...missing]),
  );
  if (failure !== undefined) console.error(`${failure}\n  going on without ${name}; later: \`${command}\``);
}

/** Undefined, or what went wrong. */
async function aptGet(args) {
  const options = { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" }, timeout: 300_000 };
  const { code, output } = await runQuietly("apt-get", ["-q", "-y", ...args], options);
  return code === 0
    ? undefined
    : `\`apt-get ${args[0]}\` failed (exit code ${code}):\n${lastLines(output, 8)}`;
}
