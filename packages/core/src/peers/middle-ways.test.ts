// A pair's ways through the middle, in whatever order they are told, made and asked for.

import { expect, it } from "vitest";
import { FnmeshError } from "../errors/errors.ts";
import type { Hub } from "../hub/hub.ts";
import type { Link } from "../link/link.ts";
import { createVirtualClock } from "../testing/index.ts";
import { MiddleWays } from "./middle-ways.ts";
import type { PairShared, Route } from "./pair-shared.ts";
import { routeOf } from "./route.suite.ts";

function setUp() {
  const asked = new Map<number, PromiseWithResolvers<Hub>>();
  const told: string[] = [];
  let isWanted = true;
  const ways = new MiddleWays({
    rank: 1,
    shared: {
      env: { clock: createVirtualClock() },
      hub: ({ route }: Route) => {
        const made = withResolvers<Hub>();
        asked.set(route, made);
        return made.promise;
      },
    } as unknown as PairShared,
    isWanted: () => isWanted,
    onLink: (_, { reason }) => told.push(`link: ${reason}`),
    onFailed: (error) => told.push(`failed: ${error.code}`),
  });
  const order = (route: number) => ways.order(routeOf(route)) && ways.take();
  const make = async (route: number) => {
    asked.get(route)!.resolve({ open: () => ({}) as Link } as unknown as Hub);
    await turn();
  };
  const fail = async (route: number) => {
    asked.get(route)!.reject(new FnmeshError("ORCHESTRATOR_UNAVAILABLE", "it is away"));
    await turn();
  };
  const want = (now: boolean) => {
    isWanted = now;
  };
  return { ways, told, order, make, fail, want };
}

interface PromiseWithResolvers<T> {
  promise: Promise<T>;
  resolve(value: T): void;
  reject(error: Error): void;
}

/** Node 20 does not have Promise.withResolvers. */
function withResolvers<T>(): PromiseWithResolvers<T> {
  const made = {} as PromiseWithResolvers<T>;
  made.promise = new Promise<T>((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

it("hands a way over once, and takes none twice", async () => {
  const { ways, told, order, make } = setUp();
  expect([order(1), ways.isMaking]).toEqual([true, true]);
  await make(1);
  expect([told, ways.isMaking, ways.take(), ways.info?.reason]).toEqual([
    ["link: why 1"],
    false,
    false,
    "why 1",
  ]);
});

// The other side saw the break first: the next way is ordered and on its way when this side sees it.
it("is making the next way until that is there", async () => {
  const { ways, told, order, make } = setUp();
  order(1);
  await make(1);
  order(2);
  expect([ways.isMaking, ways.take()]).toEqual([true, false]);
  await make(2);
  expect([told, ways.isMaking]).toEqual([["link: why 1", "link: why 2"], false]);
});

it("hands over only the latest of those that are made", async () => {
  const { told, order, make, fail } = setUp();
  order(1);
  order(2);
  order(3);
  await make(1);
  await fail(2);
  await make(3);
  expect(told).toEqual(["link: why 3"]);
});

it("does not go back to an older order", () => {
  const { ways, order } = setUp();
  order(2);
  expect([ways.order(routeOf(1)), ways.order(routeOf(2)), ways.number]).toEqual([false, false, 2]);
});

it("tells what kept a way from being made", async () => {
  const { ways, told, order, fail } = setUp();
  order(1);
  await fail(1);
  expect([told, ways.isMaking, ways.take()]).toEqual([["failed: ORCHESTRATOR_UNAVAILABLE"], false, false]);
});

it("keeps a way that is not wanted when it is there for later", async () => {
  const { ways, told, order, make, want } = setUp();
  order(1);
  want(false);
  await make(1);
  expect([told, ways.isMaking]).toEqual([[], false]);
  want(true);
  expect(ways.take()).toBe(true);
  await make(1);
  expect(told).toEqual(["link: why 1"]);
});
