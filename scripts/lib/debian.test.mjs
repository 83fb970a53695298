import { expect, test } from "vitest";
import { missingPackages } from "./debian.mjs";

const has = (programs) => (program) => (programs.includes(program) ? `/usr/bin/${program}` : undefined);

test("names each package once, for the programs that are not found", () => {
  expect(missingPackages("lab", has(["mount"]))).toEqual(["iproute2", "nftables", "util-linux"]);
  expect(missingPackages("lab", has(["ip", "nft", "unshare", "nsenter", "setpriv", "mount"]))).toEqual([]);
});

test("the stores' servers are asked for only where their tests run", () => {
  expect(
    missingPackages("stores", has(["setpriv", "redis-server", "memcached", "ceph", "ceph-mon"])),
  ).toEqual(["ceph-osd", "radosgw", "python3-swift"]);
  expect(missingPackages("lab", has([]))).not.toContain("radosgw");
});

test("so are the tools that platforms' runtimes are built with", () => {
  expect(missingPackages("platforms", has(["curl-config"]))).toEqual(["g++"]);
  expect(missingPackages("platforms", has(["g++"]))).toEqual(["libcurl4-openssl-dev"]);
});
