// The API over TLS: which versions it speaks, that a renewed certificate comes into force while it serves, and that it
// ends as it does in the clear.

import { once } from "node:events";
import { copyFile, readFile, rename, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { connect } from "node:net";
import { join } from "node:path";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { TlsFiles } from "./certificate.ts";
import { type CertificateFolder, certificateFolder } from "./testing/certificates.ts";
import { sha256, startTestApi, type TestApi } from "./testing/test-api.ts";

const token = "correct-horse-battery-staple";
let certificates: CertificateFolder;
let first: TlsFiles;
let second: TlsFiles;
beforeAll(async () => {
  certificates = await certificateFolder();
  [first, second] = await Promise.all([certificates.make("first"), certificates.make("second")]);
});
afterAll(() => certificates[Symbol.asyncDispose]());

const portOf = ({ api }: TestApi): number => Number(new URL(api.url).port);

/** Status and certificate of one request on a connection of its own. */
async function get(
  t: TestApi,
  path: string,
  ca: Buffer,
  headers = {},
): Promise<{ status: number; name: string }> {
  const options = { host: "127.0.0.1", port: portOf(t), path, ca, headers, agent: false as const };
  const call = request(options).end();
  const [response] = await once(call, "response");
  const name = (response.socket as TLSSocket).getPeerCertificate().subject.CN as string;
  response.resume();
  await once(response, "close");
  return { status: response.statusCode, name };
}

test("an open address is served with a certificate, and demands the token as ever", async () => {
  await using t = await startTestApi({ host: "0.0.0.0", token, tls: first });
  expect(t.api.url).toBe(`https://0.0.0.0:${portOf(t)}`);
  const ca = await readFile(first.certFile);
  expect(await get(t, "/livez", ca)).toEqual({ status: 200, name: "first" });
  expect(await get(t, "/jobs", ca)).toMatchObject({ status: 401 });
  expect(await get(t, "/jobs", ca, { authorization: `Bearer ${token}` })).toMatchObject({ status: 200 });
});

test("an open address without a certificate is refused, with advice", async () => {
  await expect(startTestApi({ host: "0.0.0.0", token })).rejects.toMatchObject({
    code: "USAGE",
    hint: expect.stringContaining("--tls-cert"),
  });
});

test.each([
  ["TLSv1.3", true],
  ["TLSv1.2", true],
  ["TLSv1.1", false],
] as const)("it speaks %s: %s", async (version, spoken) => {
  await using t = await startTestApi({ tls: first });
  const where = { host: "127.0.0.1", port: portOf(t), rejectUnauthorized: false };
  // The lowest level of security: else this side would refuse the old version by itself.
  const old = { minVersion: version, maxVersion: version, ciphers: "DEFAULT:@SECLEVEL=0" } as const;
  const socket = connectTls({ ...where, ...old });
  const outcome = await Promise.race([
    once(socket, "secureConnect").then(() => true),
    once(socket, "close").then(() => false),
  ]).catch(() => false);
  socket.destroy();
  expect(outcome).toBe(spoken);
});

/** A folder of its own with the first pair, which a test renews. */
async function live(name: string): Promise<TlsFiles & { put(from: TlsFiles): Promise<void> }> {
  const files = {
    certFile: join(certificates.folder, `${name}-live.pem`),
    keyFile: join(certificates.folder, `${name}-live.key`),
  };
  const put = async (from: TlsFiles): Promise<void> => {
    for (const kind of ["certFile", "keyFile"] as const) {
      await copyFile(from[kind], `${files[kind]}.new`);
      await rename(`${files[kind]}.new`, files[kind]);
    }
  };
  await put(first);
  return { ...files, put };
}

test("a renewed certificate comes into force for new connections, and the old ones go on", async () => {
  const { put, ...files } = await live("renewed");
  await using t = await startTestApi({ tls: { ...files, checkMs: 5 } });
  const [oldCa, newCa] = [await readFile(first.certFile), await readFile(second.certFile)];
  const open = connectTls({ host: "127.0.0.1", port: portOf(t), ca: oldCa });
  await once(open, "secureConnect");
  await put(second);
  await vi.waitFor(async () => expect((await get(t, "/livez", newCa)).name).toBe("second"));
  await expect(get(t, "/livez", oldCa)).rejects.toThrow(/certificate|self.signed/);
  open.write("GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
  const [answer] = await once(open, "data");
  expect(String(answer)).toContain("200 OK");
  open.destroy();
  expect(t.logged()).toContain("renewed");
});

test("half of a renewal is not taken: the old pair serves until the new one is whole", async () => {
  const { put, ...files } = await live("half");
  await using t = await startTestApi({ tls: { ...files, checkMs: 5 } });
  const ca = await readFile(first.certFile);
  await copyFile(second.certFile, files.certFile);
  await vi.waitFor(() => expect(t.logged()).toContain("is not taken"));
  expect((await get(t, "/livez", ca)).name).toBe("first");
  await writeFile(files.certFile, "rubbish");
  await vi.waitFor(() => expect(t.logged().match(/is not taken/g)!.length).toBeGreaterThan(1));
  expect((await get(t, "/livez", ca)).name).toBe("first");
  await put(second);
  await vi.waitFor(async () =>
    expect((await get(t, "/livez", await readFile(second.certFile))).name).toBe("second"),
  );
  expect(t.logged()).not.toContain("PRIVATE KEY");
});

test("files that are no pair, or are not there, are told before anything listens", async () => {
  const mixed = { certFile: first.certFile, keyFile: second.keyFile };
  const absent = { certFile: join(certificates.folder, "absent"), keyFile: first.keyFile };
  for (const tls of [mixed, absent]) {
    await expect(startTestApi({ tls })).rejects.toMatchObject({
      code: "USAGE",
      message: expect.stringContaining(tls.certFile),
    });
  }
});

test("a certificate that ends soon is told", async () => {
  await using soon = await startTestApi({ tls: await certificates.make("soon", 3) });
  await using later = await startTestApi({ tls: first });
  expect([soon.logged(), later.logged()].map((text) => text.includes("ends within a week"))).toEqual([
    true,
    false,
  ]);
});

test("closing does not wait for handshakes and idle connections, and lets a request under way end", async () => {
  await using t = await startTestApi({
    tls: first,
    limits: { closeGraceMs: 600_000, headersTimeoutMs: 600_000 },
  });
  const ca = await readFile(first.certFile);
  const mute = connect({ host: "127.0.0.1", port: portOf(t) });
  const idle = connectTls({ host: "127.0.0.1", port: portOf(t), ca });
  await Promise.all([once(mute, "connect"), once(idle, "secureConnect")]);
  const bytes = Buffer.alloc(1_000_000, "x");
  const upload = request({
    ...{
      host: "127.0.0.1",
      port: portOf(t),
      ca,
      agent: false,
      method: "PUT",
      path: `/blobs/${sha256(bytes)}`,
    },
    headers: { Expect: "100-continue", "Content-Length": bytes.length },
  });
  upload.flushHeaders();
  await once(upload, "continue");
  const closed = t.api.close();
  upload.end(bytes);
  const [response] = await once(upload, "response");
  expect(response.statusCode).toBe(201);
  response.resume();
  await closed;
  mute.destroy();
  idle.destroy();
});
