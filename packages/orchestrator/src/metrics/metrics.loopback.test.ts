import { describe, expect, test } from "vitest";
import { startTestApi, type TestApi } from "../api/testing/test-api.ts";

async function scrape(t: TestApi): Promise<Map<string, number>> {
  const response = await t.fetch("/metrics");
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const lines = (await response.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(" ");
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

describe("/metrics", () => {
  test("shows jobs, workers and traffic, and counters that only grow", async () => {
    await using t = await startTestApi();
    await t.submit({ workers: 4 });
    await t.submit({ workers: 4 });
    const [first, second] = t.orchestrator.fakes;
    const pairs = { direct: 5, relay: 1, redis: 0, memcached: 0, s3: 0 };
    const bytes = { direct: 500, relay: 100, store: 0 };
    first!.set({ workers: { total: 4, launched: 4, joined: 3, finished: 1 }, pairs, bytes });
    second!.set({ status: "launching" });
    const before = await scrape(t);
    expect(before.get('fnmesh_jobs{status="running"}')).toBe(1);
    expect(before.get('fnmesh_jobs{status="launching"}')).toBe(1);
    expect(before.get('fnmesh_workers{state="joined"}')).toBe(3);
    expect(before.get('fnmesh_pairs_total{path="direct"}')).toBe(5);
    expect(before.get('fnmesh_bytes_total{path="relay"}')).toBe(100);

    first!.end();
    await first!.report;
    t.orchestrator.forget(first!.id);
    const after = await scrape(t);
    expect(after.get('fnmesh_jobs{status="running"}')).toBe(0);
    expect(after.get('fnmesh_jobs_ended_total{status="succeeded"}')).toBe(1);
    expect(after.get('fnmesh_workers{state="joined"}')).toBe(0);
    expect(after.get('fnmesh_pairs_total{path="direct"}')).toBe(5);
    expect(after.get('fnmesh_bytes_total{path="relay"}')).toBe(100);
  });

  test("shows the orchestrator's own counts", async () => {
    await using t = await startTestApi();
    const connections = { pending: 1, control: 8, relay: 2 };
    t.orchestrator.setStats({ connections, refused: { auth: 3 }, relays: 2, relayedBytes: 12_345 });
    await scrape(t);
    const metrics = await scrape(t);
    expect(metrics.get('fnmesh_connections{kind="control"}')).toBe(8);
    expect(metrics.get('fnmesh_refused_total{reason="auth"}')).toBe(3);
    expect(metrics.get("fnmesh_relays")).toBe(2);
    expect(metrics.get("fnmesh_relayed_bytes_total")).toBe(12_345);
  });

  test("counts requests by route, and makes no label of what a client makes up", async () => {
    await using t = await startTestApi();
    await t.fetch("/jobs/one");
    await t.fetch("/jobs/two");
    await t.fetch("/made/up");
    await t.fetch("/jobs", { method: "PROPFIND" });
    const metrics = await scrape(t);
    expect(metrics.get('fnmesh_http_requests_total{method="GET",route="/jobs/:id",status="404"}')).toBe(2);
    expect(metrics.get('fnmesh_http_requests_total{method="GET",route="none",status="404"}')).toBe(1);
    expect(metrics.get('fnmesh_http_requests_total{method="other",route="/jobs",status="405"}')).toBe(1);
    expect([...metrics.keys()].filter((key) => key.includes("made") || key.includes("PROPFIND"))).toEqual([]);
  });

  test("are each server's own", async () => {
    await using one = await startTestApi();
    await using two = await startTestApi();
    await one.fetch("/jobs");
    const key = 'fnmesh_http_requests_total{method="GET",route="/jobs",status="200"}';
    expect([(await scrape(one)).get(key), (await scrape(two)).get(key)]).toEqual([1, undefined]);
  });
});
