import type { ProviderNetwork } from "@fnmesh/core/internal";
import type { PairPath } from "@fnmesh/orchestrator";
import { expect, test } from "vitest";
import { isGood } from "./hello-report.ts";
import {
  judgeCleanUp,
  judgeDeployment,
  judgeInvoke,
  judgePunch,
  judgeRelay,
  scrubbed,
} from "./judge-hello.ts";

const timing = { wallMs: 900, launchMs: 300, connectMs: 40, runMs: 100 };
const none = { direct: 0, relay: 0, redis: 0, memcached: 0, s3: 0 };
const six = { ...none, direct: 6 };
const mappings = Array.from({ length: 4 }, () => "endpoint-independent" as const);
const whole = { error: null, result: 3, timing, pairs: six, paths: [], mappings };
const nats = "4 behind a NAT with endpoint-independent mapping";
const relayed = (reason: string): PairPath[] =>
  [1, 2, 3].map((rank) => ({ ranks: [0, rank], path: "relay", atMs: 5, reason }));
const closed: ProviderNetwork = {
  ...{ punching: "fails", inbound: false, sharedAddress: true, because: "of its gateway" },
};

test("workers that heard from each other are ok, others are told by the code alone", () => {
  expect(judgeInvoke(whole)).toMatchObject({ status: "ok", ms: 300 });
  expect(judgeInvoke({ ...whole, result: 2 })).toMatchObject({ status: "fail" });
  const error = { code: "OUT_OF_MEMORY", message: "canary of account 123456789012" } as const;
  const failed = judgeInvoke({ ...whole, error });
  expect(failed).toMatchObject({ status: "fail", code: "OUT_OF_MEMORY" });
  expect(JSON.stringify(failed)).not.toMatch(/canary|1234/);
});

test("pairs that are not direct are counted by their reasons, and are no fault where they cannot be", () => {
  expect(judgePunch(whole, undefined)).toMatchObject({
    status: "ok",
    detail: `6 of 6 pairs direct; ${nats}`,
  });
  const nowhere = { ...whole, mappings: ["none", "unknown", "none", "none"] as const };
  expect(judgePunch(nowhere, undefined).detail).toMatch(/; 3 without a NAT, 1 behind nobody knows what$/);
  const half = {
    ...whole,
    pairs: { ...none, direct: 3, relay: 3 },
    paths: relayed("no answer from 203.0.113.9:4000"),
  };
  expect(judgePunch(half, closed)).toMatchObject({
    status: "warn",
    detail: `3 of 6 pairs direct; ${nats}; 3 relay: no answer from <address>`,
  });
  const noneDirect = { ...half, pairs: { ...none, relay: 6 } };
  expect(judgePunch(noneDirect, closed).status).toBe("ok");
  expect(judgePunch(noneDirect, undefined).status).toBe("warn");
});

test("the relay carries all pairs or has failed", () => {
  expect(judgeRelay({ ...whole, pairs: { ...none, relay: 6 } }).status).toBe("ok");
  expect(judgeRelay(whole).status).toBe("fail");
});

test("what cannot go on is a failure, what can is not", () => {
  expect(judgeDeployment("absent", 1).status).toBe("fail");
  expect(isGood([judgeDeployment("outdated", 1), judgeCleanUp(1, 5)])).toBe(true);
  expect(isGood([judgeDeployment("blocked", 1)])).toBe(false);
});

test.each([
  ["arn:aws:lambda:eu-central-1:123456789012:function:x failed", "<arn> failed"],
  ["account 123456789012, port 7420", "account <id>, port 7420"],
  ["dial 10.0.0.1:80 and fd00::12ab:1 in 1:30", "dial <address> and <address> in 1:30"],
  ["tenant 0f8fad5b-d9cb-469f-a165-70867728950e", "tenant <id>"],
  [
    "getaddrinfo ENOTFOUND mesh.lovelace.example, EAI_AGAIN lovelace",
    "getaddrinfo ENOTFOUND <name> EAI_AGAIN <name>",
  ],
  ["mesh.lovelace.example:7420 took 1.5 s", "<name>:7420 took 1.5 s"],
  ["getaddrinfo ENOTFOUND ada.example.org", "getaddrinfo ENOTFOUND <name>"],
])("%s says nothing of whose it is", (text, expected) => {
  expect(scrubbed(text, ["ada.example.org", ""])).toBe(expected);
});
