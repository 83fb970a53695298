import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createApi } from "./api.ts";
import { spoolPrefix, thisOwner } from "./spool-directory.ts";
import { fakeOrchestrator } from "./testing/fake-orchestrator.ts";
import { errorOf, readEvents, startTestApi } from "./testing/test-api.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** The pid of a process that has just ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  await once(child, "exit");
  return child.pid!;
}

describe("draining", () => {
  test("answers 503 to readiness and to new jobs, and goes on with the rest", async () => {
    await using t = await startTestApi();
    expect((await t.fetch("/readyz")).status).toBe(200);
    await t.submit();
    t.api.drain();
    expect((await t.fetch("/readyz")).status).toBe(503);
    expect((await t.fetch("/livez")).status).toBe(200);
    const refused = await t.submit();
    expect([refused.status, (await errorOf(refused)).code]).toEqual([503, "DRAINING"]);
    expect((await t.fetch("/jobs/job1")).status).toBe(200);
  });
});

describe("closing", () => {
  test("ends event streams, frees the port, removes the spool, and may come twice", async () => {
    await using t = await startTestApi();
    await t.submit();
    const events = readEvents(await t.fetch("/events"));
    expect((await events.next()).value?.type).toBe("snapshot");
    const [spool] = await t.spools();
    expect((await stat(join(t.spoolParent, spool!))).mode & 0o777).toBe(0o700);

    await Promise.all([t.api.close(), t.api.close()]);
    expect((await events.next()).done).toBe(true);
    expect(await t.spools()).toEqual([]);
    expect([t.orchestrator.fakes[0]!.listeners, t.orchestrator.submitListeners]).toEqual([0, 0]);
    await expect(fetch(`${t.api.url}/livez`)).rejects.toThrow();
  });

  test("does not wait for connections without a request", async () => {
    await using t = await startTestApi({ limits: { closeGraceMs: 60_000 } });
    const { port } = new URL(t.api.url);
    const silentClient = connect({ host: "127.0.0.1", port: Number(port) });
    await once(silentClient, "connect");
    await t.fetch("/livez"); // its connection is kept alive
    await t.api.close();
    silentClient.destroy();
  });

  test("lets a request under way end", async () => {
    await using t = await startTestApi({ limits: { closeGraceMs: 60_000 } });
    const job = await t.submit().then(() => t.orchestrator.fakes[0]!);
    const bytes = Buffer.alloc(20_000_000, "x");
    await job.spec.output!.write(0, bytes);
    await job.spec.output!.commit();
    job.end();
    const answer = await t.fetch(`/jobs/${job.id}/output`);
    const closed = t.api.close();
    expect((await answer.arrayBuffer()).byteLength).toBe(bytes.length);
    await closed;
  });

  test("cuts a request that does not end within the grace", async () => {
    await using t = await startTestApi({ limits: { closeGraceMs: 50 } });
    const body = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(10)) });
    const init = { method: "PUT", body, duplex: "half" } as RequestInit;
    const upload = t.fetch(`/blobs/${"a".repeat(64)}`, init).then(
      () => "answered",
      () => "cut",
    );
    await expect.poll(async () => t.logged() !== "" || (await t.spools()).length > 0).toBe(true);
    await t.api.close();
    expect(await upload).toBe("cut");
    expect(await t.spools()).toEqual([]);
  });
});

describe("starting", () => {
  test("on a port in use says so and leaves no spool", async () => {
    await using t = await startTestApi();
    const port = Number(new URL(t.api.url).port);
    const options = { orchestrator: fakeOrchestrator(), log: silent, spool: t.spoolParent, port };
    await expect(createApi(options)).rejects.toMatchObject({ code: "PORT_IN_USE", hint: expect.anything() });
    expect(await t.spools()).toHaveLength(1);
    expect(options.orchestrator.submitListeners).toBe(0);
  });

  test("on an address that this machine has not is a mistake of usage", async () => {
    const token = "a-token-of-enough-characters";
    await expect(startTestApi({ host: "192.0.2.1", token, insecure: true })).rejects.toMatchObject({
      code: "USAGE",
    });
  });

  test("removes the spools of crashed runs, and no others", async () => {
    const parent = await mkdtemp(join(tmpdir(), "fnmesh-crash-test-"));
    try {
      const self = await thisOwner();
      const crashed = `${spoolPrefix({ ...self, pid: await deadPid() })}aaaaaa`;
      const reused = `${spoolPrefix({ ...self, started: "1" })}aaaaaa`;
      const living = `${spoolPrefix(self)}aaaaaa`;
      const elsewhere = `${spoolPrefix({ ...self, namespace: "1", pid: await deadPid() })}aaaaaa`;
      for (const name of [crashed, reused, living, elsewhere, "mine"]) {
        await mkdir(join(parent, name, "blobs"), { recursive: true });
      }
      await using t = await startTestApi({ spool: parent });
      await t.api.close();
      const exists = async (name: string): Promise<boolean> =>
        stat(join(parent, name)).then(
          () => true,
          () => false,
        );
      const left = await Promise.all([crashed, reused, living, elsewhere, "mine"].map(exists));
      expect(left).toEqual([false, false, true, true, true]);
    } finally {
      await rm(parent, { recursive: true, force: true });
    }
  });
});
