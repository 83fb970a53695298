import { FnmeshError } from "@fnmesh/core";
import type { StoreKeeper } from "@fnmesh/core/internal";
import { expect, test } from "vitest";
import { findConfig, probeStores } from "./probe-stores.ts";

const stores = { redis: { url: "redis://:canary@cache/1" } };

function keeper(lease: () => Promise<void>): StoreKeeper & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    rungs: ["redis"],
    asked,
    lease: (job) => {
      asked.push(`lease ${job}`);
      return lease();
    },
    sweep: async (job) => void asked.push(`sweep ${job}`),
    expired: async () => [],
    close: async () => void asked.push("close"),
  };
}

const probe = (one: StoreKeeper) =>
  probeStores({ stores }, async (_, cleanup) => {
    cleanup.add("store", () => one.close());
    return [one];
  });

test("a store that answers is ok, by its place, and nothing stays in it", async () => {
  const one = keeper(async () => {});
  const [check] = await probe(one);
  expect(check).toMatchObject({ name: "redis", status: "ok" });
  expect(check!.detail).toMatch(/^redis:\/\/cache\/1 took and gave back a lease in /);
  const job = one.asked[0]!.replace("lease ", "");
  expect(one.asked).toEqual([`lease ${job}`, `sweep ${job}`, "close"]);
});

test("one that does not is a warning with what to do, without its password", async () => {
  const refused = new FnmeshError("STORE_AUTH", "redis at cache:6379 refuses the password", {
    hint: "Look.",
  });
  const checks = await probe(keeper(() => Promise.reject(refused)));
  expect(checks).toEqual([
    {
      name: "redis",
      status: "warn",
      detail: "redis://cache/1: redis at cache:6379 refuses the password",
      fix: "Look.",
    },
  ]);
});

test("settings that are not right are a failure; none are fine", async () => {
  const place = { folder: "/", cwd: "/" };
  const wrong = await findConfig({ ...place, environment: { FNMESH_REDIS_URL: "canary" } });
  expect(wrong.check).toMatchObject({ name: "settings", status: "fail" });
  expect(JSON.stringify(wrong)).not.toContain("canary");
  const none = await findConfig({ ...place, environment: {} });
  expect(none.check).toEqual({ name: "settings", status: "ok", detail: "no file, no stores are set up" });
  const both = await findConfig({ ...place, environment: { FNMESH_REDIS_URL: "redis://h" } });
  expect(both.check.detail).toBe("no file, stores: redis");
});
