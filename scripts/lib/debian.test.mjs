import { expect, test } from "vitest";
import { missingPackages } from "./debian.mjs";

test("names each package once, for the programs that are not found", () => {
  const has = (programs) => (program) => (programs.includes(program) ? `/usr/bin/${program}` : undefined);
  expect(missingPackages(has(["mount"]))).toEqual(["iproute2", "nftables", "util-linux"]);
  expect(missingPackages(has(["ip", "nft", "unshare", "nsenter", "setpriv", "mount"]))).toEqual([]);
});
