import { FnmeshError } from "@fnmesh/core";
import { expect, test } from "vitest";
import { type Reach, reachOf } from "./reach.ts";

const reach = (changes: Partial<Reach> = {}) =>
  reachOf({
    ...{ provider: "aws", listen: undefined, advertise: undefined, flag: "--listen" },
    hostAddresses: ["198.51.100.7"],
    ...changes,
  });

function refusal(changes: Partial<Reach>): FnmeshError {
  try {
    reach(changes);
  } catch (error) {
    if (error instanceof FnmeshError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

test.each<Partial<Reach>>([
  {},
  { listen: "0.0.0.0", hostAddresses: [] },
  { listen: "::", hostAddresses: ["::1"] },
])("loopback that nobody named is refused, with what to give: %j", (changes) => {
  const { code, message, hint } = refusal(changes);
  expect(code).toBe("USAGE");
  expect(message).toMatch(/^functions on aws cannot dial (127\.0\.0\.1|::1), which is this machine alone$/);
  expect(hint).toContain("--listen 0.0.0.0 --advertise");
  expect(refusal({ ...changes, flag: "--host" }).hint).toContain("--host 0.0.0.0");
});

test("what is named is taken, loopback too: a platform may be on this machine", () => {
  expect(reach({ listen: "127.0.0.1" })).toEqual({ told: "127.0.0.1", warning: undefined });
  expect(reach({ listen: "0.0.0.0", advertise: "localhost" })).toEqual({
    told: "localhost",
    warning: undefined,
  });
  expect(reach({ advertise: "10.0.0.5" })).toEqual({ told: "10.0.0.5", warning: undefined });
});

test("all addresses are told as the machine's own, with a word where few can dial it", () => {
  expect(reach({ listen: "0.0.0.0" })).toEqual({ told: "198.51.100.7", warning: undefined });
  for (const address of ["10.1.2.3", "172.31.0.1", "192.168.1.5", "100.64.0.1", "fd00::1"]) {
    const { told, warning } = reach({ listen: "0.0.0.0", hostAddresses: [address] });
    expect(told).toBe(address);
    expect(warning).toContain("--advertise");
  }
  expect(reach({ listen: "0.0.0.0", hostAddresses: ["172.32.0.1"] }).warning).toBeUndefined();
});
