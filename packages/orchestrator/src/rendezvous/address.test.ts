import { expect, test } from "vitest";
import { addressGroup, isPlainAddress, normaliseAddress, remoteEndpoint } from "./address.ts";

test.each([
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["::FFFF:192.0.2.7", "192.0.2.7"],
  ["192.0.2.7", "192.0.2.7"],
  ["2001:db8::1", "2001:db8::1"],
  ["::ffff:1", "::ffff:1"],
])("%s is told as %s", (address, told) => {
  expect(normaliseAddress(address)).toBe(told);
});

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:0db8:0001:0002::9", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
])("%s counts as %s", (address, group) => {
  expect(addressGroup(address)).toBe(group);
});

test("a connection that is gone already has no endpoint", () => {
  expect(remoteEndpoint({ remoteAddress: undefined, remotePort: undefined })).toBeUndefined();
  expect(remoteEndpoint({ remoteAddress: "::ffff:10.0.0.1", remotePort: 9 })).toEqual({
    host: "10.0.0.1",
    port: 9,
  });
});

test.each([
  ["192.0.2.7", true],
  ["2001:db8::1", true],
  ["example.org", false],
  ["fe80::1%eth0", false],
  ["", false],
])("%s as a candidate's address: %s", (host, plain) => {
  expect(isPlainAddress(host)).toBe(plain);
});
