// A pair whose ways through the middle break: what it asks for, and what it waits for.

import { expect, it } from "vitest";
import { createMailbox } from "../channel/mailbox.ts";
import type { Hub } from "../hub/hub.ts";
import type { Link, LinkEvents } from "../link/link.ts";
import { createTestEnv, createVirtualClock, createVirtualLab } from "../testing/index.ts";
import { Pair } from "./pair.ts";
import type { PairShared, Route } from "./pair-shared.ts";
import { routeOf } from "./route.suite.ts";

/** A pair on whose ways nothing comes back: `hubs` are made when the test says so. */
function setUp() {
  const clock = createVirtualClock();
  const { orchestrator: net } = createVirtualLab({ clock, seed: 1, workers: [] });
  const asked: [route: number, reason: string][] = [];
  const links: LinkEvents[] = [];
  const waiting = new Map<number, (hub: Hub) => void>();
  const link = (): Link => ({
    ...{ path: "relay", chunkBytes: 1024, writable: true },
    write() {},
    close() {},
    destroy() {},
    attach: (_, events) => void links.push(events),
  });
  const pair = new Pair({
    rank: 1,
    shared: {
      ...{ env: createTestEnv({ net, clock, seed: 1 }), mailbox: createMailbox({ peers: 1 }) },
      ...{ window: { bytes: 1024 * 1024, messages: 64 }, mostMessageBytes: 1024 * 1024 },
      ...{ punches: false, lasting: true, self: { rank: 0, attempt: 0 } },
      hub: ({ route }: Route) => new Promise<Hub>((resolve) => waiting.set(route, resolve)),
      askRoute: (_peer: number, route: number, reason: string) => void asked.push([route, reason]),
    } as unknown as PairShared,
    load: () => 1,
    onSettled() {},
    onOpen() {},
  });
  const make = async (route: number) => {
    waiting.get(route)!({ open: link } as unknown as Hub);
    await clock.settle();
  };
  const carriedBy = async (route: number) => {
    pair.routed(routeOf(route));
    await make(route);
  };
  return { pair, clock, asked, links, make, carriedBy };
}

it("asks for another way when its own breaks", async () => {
  const { pair, asked, links, carriedBy } = setUp();
  await carriedBy(1);
  links[0]!.onClose(new Error("the relay is gone"));
  expect([pair.phase, asked]).toEqual(["open", [[1, "the relay is gone"]]]);
});

// Each `fallback` gives up the route that it names: said of one that is being dialled, it would use up the ladder.
it("does not give up the way that it is being given while the one before breaks", async () => {
  const { pair, asked, links, make, carriedBy } = setUp();
  await carriedBy(1);
  pair.routed(routeOf(2)); // The other side saw it first.
  links[0]!.onClose(new Error("the relay is gone"));
  await make(2);
  expect([asked, links.length, pair.info?.reason]).toEqual([[], 2, "why 2"]);
  links[1]!.onClose(new Error("this one as well"));
  expect(asked).toEqual([[2, "this one as well"]]);
});

it("is lost when the way that it is being given does not come", async () => {
  const { pair, clock, links, carriedBy } = setUp();
  await carriedBy(1);
  pair.routed(routeOf(2));
  links[0]!.onClose(new Error("the relay is gone"));
  await clock.advance(30_000);
  expect(pair.phase).toBe("ended");
  await expect(pair.opened()).rejects.toMatchObject({ code: "PEER_LOST" });
});
