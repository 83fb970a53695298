// Coming in: where nothing is, with wrong credentials, with few rights, by TLS, to a cluster.

import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { noUsage } from "@fnmesh/core/internal";
import { expect, it, onTestFinished } from "vitest";
import { freePort } from "../testing/child-server.ts";
import { fastClock } from "../testing/hub-world.ts";
import { keysOf } from "../testing/redis-client.ts";
import { expectInOrder, newWorld, ownRedis, pairIn, urlOf } from "../testing/redis-world.ts";
import { redisKeeper } from "./keeper.ts";
import { keysOfJob } from "./redis-keys.ts";

const MiB = 1024 * 1024;

it("does not connect where nothing is, or something else", async () => {
  const silent = createServer(() => {}).listen(0, "127.0.0.1");
  const rude = createServer((socket) => {
    socket.on("error", () => {});
    socket.write("HTTP/1.1 400 Bad Request\r\n\r\n");
  }).listen(0, "127.0.0.1");
  await Promise.all([silent, rude].map((some) => once(some, "listening")));
  for (const some of [silent, rude]) onTestFinished(() => void some.close());
  const server = await ownRedis();
  await server.stop();
  const ports = [server.port, ...[silent, rude].map((some) => (some.address() as AddressInfo).port)];
  for (const port of ports) {
    const world = newWorld(urlOf({ port }), { clock: fastClock(10) });
    await expect(world.connect(0)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  }
});

/** As docs/ARCHITECTURE.md lists them. */
const neededCommands = "+auth +select +get +set +exists +xadd +xread +xtrim +pexpire +unlink +scan";

it("refuses wrong credentials with STORE_AUTH, and tells nobody which", async () => {
  const server = await ownRedis({
    password: "right-word",
    config: [
      `user worker on >worker-word ~fnmesh:* ${neededCommands}`,
      "user guest on >guest-word ~fnmesh:* +@read",
    ],
  });
  const at = `127.0.0.1:${server.port}`;
  const wrong = {
    password: `redis://:wrong-word@${at}`,
    user: `redis://nobody:wrong-word@${at}`,
    none: `redis://${at}`,
    rights: `redis://guest:guest-word@${at}`,
  };
  for (const [name, url] of Object.entries(wrong)) {
    const error = await newWorld(url)
      .connect(0)
      .catch((thrown: unknown) => thrown);
    expect(error, name).toMatchObject({ code: "STORE_AUTH" });
    expect(JSON.stringify((error as { toRecord(): unknown }).toRecord())).not.toMatch(
      /wrong-word|guest-word/,
    );
  }
  for (const url of [server.url, `redis://worker:worker-word@${at}/3`]) {
    const world = newWorld(url);
    const { a, atA, atB } = await pairIn(world);
    atA.write(0);
    await atB.received(1);
    expect(a.log.text()).not.toMatch(/-word/);
    expect(
      await keysOf(`redis://:right-word@${at}/${url.endsWith("/3") ? 3 : 0}`, keysOfJob(world.job)),
    ).not.toEqual([]);
  }
  const keeper = redisKeeper({ url: `redis://worker:worker-word@${at}/3` });
  await keeper.lease("old", 1);
  expect(await keeper.expired(2)).toEqual(["old"]);
  await keeper.sweep("old", noUsage());
  expect(await keeper.expired(2)).toEqual([]);
  const away = newWorld(`redis://:right-word@${at}/999`).connect(0);
  await expect(away).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});

it("follows a cluster to the node that has the job's keys", async () => {
  const server = await ownRedis();
  const elsewhere = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", () => socket.write(`-MOVED 7 127.0.0.1:${server.port}\r\n`));
  }).listen(0, "127.0.0.1");
  await once(elsewhere, "listening");
  onTestFinished(() => void elsewhere.close());
  const { atA, atB } = await pairIn(newWorld(urlOf(elsewhere.address() as AddressInfo)));
  atA.write(0, Buffer.from("found"));
  const [frame] = await atB.received(1);
  expect(Buffer.from(frame!.payload).toString()).toBe("found");
});

it("speaks TLS, with a certificate that it was given, and with no other", async () => {
  const { key, certificate } = await selfSigned();
  const dir = await mkdtemp(join(tmpdir(), "fnmesh-redis-"));
  onTestFinished(() => rm(dir, { recursive: true }));
  await Promise.all([writeFile(join(dir, "key"), key), writeFile(join(dir, "cert"), certificate)]);
  const tlsPort = await freePort();
  await ownRedis({
    config: [
      `tls-port ${tlsPort}`,
      `tls-cert-file ${dir}/cert`,
      `tls-key-file ${dir}/key`,
      "tls-auth-clients no",
    ],
  });
  const url = `rediss://localhost:${tlsPort}`;
  const world = newWorld(url, { settings: { url, ca: certificate } });
  const { a, atA, atB } = await pairIn(world);
  const payloads = [Buffer.from("small"), Buffer.alloc((3 * MiB) / 2, "large ")].flatMap((payload) =>
    payload.length > MiB ? [payload.subarray(0, MiB), payload.subarray(MiB)] : [payload],
  );
  for (const [message, payload] of payloads.entries()) await atA.send(message, payload);
  await atB.received(payloads.length);
  expectInOrder(atB, payloads);
  await a.hub.close();
  const stranger = newWorld(url, { clock: fastClock(10) });
  await expect(stranger.connect(0)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
});

/** For `localhost`. */
async function selfSigned(): Promise<{ readonly key: string; readonly certificate: string }> {
  const args = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "1"];
  const { stdout } = await promisify(execFile)("openssl", [...args, ...subject, "-keyout", "-", "-out", "-"]);
  const part = (name: string) =>
    new RegExp(`-----BEGIN ${name}-----[^-]+-----END ${name}-----\n`).exec(stdout)![0];
  return { key: part("PRIVATE KEY"), certificate: part("CERTIFICATE") };
}
