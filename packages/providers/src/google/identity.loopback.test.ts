// Where identity tokens come from, with a metadata server of Google's kind, and gcloud as a function.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { FnmeshError } from "@fnmesh/core";
import { afterEach, describe, expect, it } from "vitest";
import { createIdentity, type IdentityOptions } from "./identity.ts";

const audience = "https://fnmesh-dev-abc.a.run.app";
const noServer = "127.0.0.1:1";
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A token of an hour, by the wall clock's start at 0. */
const tokenUntil = (seconds: number, mark = "") =>
  ["header", Buffer.from(JSON.stringify({ exp: seconds, mark })).toString("base64url"), "signature"].join(
    ".",
  );

async function metadataServer(status = 200, flavor = "Google") {
  const asked: (string | undefined)[] = [];
  const server = createServer(({ url, headers }, response) => {
    asked.push(url);
    response.setHeader("metadata-flavor", flavor);
    const isRight = headers["metadata-flavor"] === "Google";
    response.writeHead(isRight ? status : 403).end(tokenUntil(3600, "metadata"));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => server.close());
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** gcloud with a person's login, which takes no audience. */
function gcloudOf(person = true) {
  const calls: (readonly string[])[] = [];
  const run: IdentityOptions["gcloud"]["run"] = async (args) => {
    calls.push(args);
    const isForAudience = args.some((each) => each.startsWith("--audiences"));
    if (person && isForAudience && !args.some((each) => each.startsWith("--impersonate"))) {
      throw new FnmeshError("DEPLOY_FAILED", "Invalid account type for `--audiences`.");
    }
    return `${tokenUntil(3600, "gcloud")}\n`;
  };
  return { calls, run };
}

function open(host: string, settings: Partial<IdentityOptions["settings"]> = {}, gcloud = gcloudOf()) {
  let now = 0;
  const identity = createIdentity({
    settings: { identity: "auto", impersonate: undefined, ...settings },
    environment: { GCE_METADATA_HOST: host },
    gcloud,
    wallMs: () => now,
  });
  return {
    identity,
    gcloud,
    at: (ms: number) => {
      now = ms;
    },
  };
}

describe("an identity token", () => {
  it("is the machine's own where a metadata server answers", async () => {
    const server = await metadataServer();
    const { identity, gcloud } = open(server.host);
    expect(await identity.token(audience)).toBe(tokenUntil(3600, "metadata"));
    expect(server.asked).toHaveLength(1);
    expect(server.asked[0]).toContain(`audience=${encodeURIComponent(audience)}`);
    expect(gcloud.calls).toEqual([]);
  });

  it("is a person's by gcloud where none does, without the audience that gcloud refuses", async () => {
    const { identity, gcloud } = open(noServer);
    expect(await identity.token(audience)).toBe(tokenUntil(3600, "gcloud"));
    expect(gcloud.calls.at(-1)).toEqual(["auth", "print-identity-token"]);
  });

  it("is a service account's for that audience", async () => {
    const { identity, gcloud } = open(noServer, {}, gcloudOf(false));
    await identity.token(audience);
    expect(gcloud.calls).toEqual([["auth", "print-identity-token", `--audiences=${audience}`]]);
  });

  it("is that of who is impersonated", async () => {
    const { identity, gcloud } = open(noServer, { impersonate: "fn@p-1.iam.gserviceaccount.com" });
    await identity.token(audience);
    expect(gcloud.calls).toHaveLength(1);
    expect(gcloud.calls[0]).toContain("--impersonate-service-account=fn@p-1.iam.gserviceaccount.com");
  });

  it("does not come from a stranger's server under that name", async () => {
    const server = await metadataServer(200, "captive portal");
    expect(await open(server.host).identity.token(audience)).toBe(tokenUntil(3600, "gcloud"));
  });

  it("is asked for once by all who want it, and again shortly before it expires", async () => {
    const server = await metadataServer();
    const { identity, at } = open(server.host);
    await Promise.all([identity.token(audience), identity.token(audience), identity.token(audience)]);
    at(3_200_000);
    await identity.token(audience);
    expect(server.asked).toHaveLength(1);
    at(3_400_000);
    await identity.token(audience);
    expect(server.asked).toHaveLength(2);
  });

  it("that could not be had is asked for again", async () => {
    const server = await metadataServer(404);
    const { identity } = open(server.host);
    for (const _ of [1, 2]) {
      await expect(identity.token(audience)).rejects.toMatchObject({ code: "PLATFORM_AUTH" });
    }
    expect(server.asked).toHaveLength(2);
  });

  it("that gcloud does not give is a matter of rights, and a missing gcloud is none", async () => {
    for (const [told, expected] of [
      ["DEPLOY_FAILED", "PLATFORM_AUTH"],
      ["PROVIDER_UNAVAILABLE", "PROVIDER_UNAVAILABLE"],
    ] as const) {
      const gcloud = { calls: [], run: () => Promise.reject(new FnmeshError(told, "gcloud ended with 1")) };
      await expect(open(noServer, {}, gcloud).identity.token(audience)).rejects.toMatchObject({
        code: expected,
      });
    }
  });

  it("of a machine that is not on Google Cloud says so, where no other was wanted", async () => {
    const { identity, gcloud } = open(noServer, { identity: "metadata" });
    await expect(identity.token(audience)).rejects.toMatchObject({
      code: "PLATFORM_AUTH",
      hint: expect.stringContaining("gcloud"),
    });
    expect(gcloud.calls).toEqual([]);
  });
});
