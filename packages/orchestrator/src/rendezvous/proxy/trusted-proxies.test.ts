import { expect, test } from "vitest";
import { trustedProxies } from "./trusted-proxies.ts";

test.each([
  ["10.0.0.0/16", "10.0.255.1", true],
  ["10.0.0.0/16", "10.1.0.1", false],
  ["10.0.0.0/16", "::ffff:10.0.3.4", true],
  ["192.0.2.7", "192.0.2.7", true],
  ["192.0.2.7", "192.0.2.8", false],
  ["2001:db8::/56", "2001:db8:0:ff::1", true],
  ["2001:db8::/56", "2001:db8:0:100::1", false],
  ["2001:db8::/56", "10.0.0.1", false],
  ["fe80::/10", "fe80::1%eth0", true],
])("of %s is %s: %s", (network, address, expected) => {
  expect(trustedProxies([network])(address)).toBe(expected);
});

test("several networks are trusted side by side", () => {
  const trusted = trustedProxies(["10.0.0.0/24", "2001:db8::/64"]);
  expect(["10.0.0.9", "2001:db8::9", "10.0.1.9"].map(trusted)).toEqual([true, true, false]);
});

test.each([
  "",
  "balancer",
  "10.0.0.0/33",
  "10.0.0.0/",
  "10.0.0.0/8/8",
  "10.0.0/8",
  "::/129",
  "0.0.0.0/0",
  "::/0",
  "10.0.0.0/-1",
])("%j is no network of proxies", (network) => {
  expect(() => trustedProxies([network])).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
});
