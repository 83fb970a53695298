// Workers that know the orchestrator by a balancer's address alone: it passes on TCP, and keeps nothing of where a
// connection comes from but the header that it writes.

import type { Endpoint } from "@fnmesh/core/internal";
import { describe, expect, test } from "vitest";
import {
  binaryHeader,
  textHeader,
} from "../../packages/orchestrator/src/rendezvous/proxy/testing/headers.ts";
import { tinyBalancer } from "../../packages/orchestrator/src/rendezvous/proxy/testing/tiny-balancer.ts";
import { type Outcome, pathsOf, runSession, type SessionOptions } from "./session.suite.ts";

const balancerAddress = "198.18.200.1";
const workers = ["restricted", "restricted", "reset", "open"] as const;

/** The session with a balancer before both ports. */
const balanced = (
  header: ((client: Endpoint) => Uint8Array) | undefined,
  options: { readonly afterClient?: boolean; readonly proxies?: readonly string[] } = {},
): SessionOptions => ({
  workers,
  orchestrator: { advertise: balancerAddress, ...(options.proxies && { proxies: options.proxies }) },
  front: async ({ address }, { lab }) => {
    const net = lab.network.host({ name: "balancer", address: balancerAddress });
    const host = lab.orchestrator.hostAddresses()[0]!;
    const balancers = await Promise.all(
      [address.port, address.observePort].map((port) =>
        tinyBalancer({
          ...{ net, listen: { host: "0.0.0.0", port }, target: { host, port } },
          header: header ?? (() => new Uint8Array(0)),
          afterClient: options.afterClient ?? false,
        }),
      ),
    );
    return async () => void (await Promise.all(balancers.map((each) => each.close())));
  },
});

const proxies = [balancerAddress];
const known = ({ connections }: Outcome) =>
  connections.flat().map(({ rank, path, reason, rounds }) => ({ rank, path, reason, rounds }));

describe("all pairs are direct, as each worker is seen where its own NAT shows it", () => {
  test.each([
    ["version 1", textHeader, false],
    ["version 2", binaryHeader, false],
    ["version 2, and the balancer says nothing before the worker does", binaryHeader, true],
  ] as const)("%s", async (_, header, afterClient) => {
    const outcome = await runSession(balanced(header, { afterClient, proxies }));
    expect(outcome.report.error).toBeNull();
    expect(pathsOf(outcome)).toEqual(Array(4).fill("direct direct direct"));
  });
});

test("a NAT's mapping is known as without a balancer, from its two ports", async () => {
  const both = ["symmetric", "symmetric"] as const;
  const behind = { ...balanced(binaryHeader, { afterClient: true, proxies }), workers: both };
  const [with_, without] = [await runSession(behind), await runSession({ workers: both })];
  // Two unpredictable NATs, and known to be: the relay is taken at once, and nothing is dialled in vain.
  expect(known(with_)).toEqual(known(without));
  expect(pathsOf(with_)).toEqual(["relay", "relay"]);
});

test("a balancer that says nothing of its clients costs the direct paths, and no job", async () => {
  const outcome = await runSession(balanced(undefined));
  expect(outcome.report.error).toBeNull();
  expect(pathsOf(outcome).join(" ")).toContain("relay");
});
