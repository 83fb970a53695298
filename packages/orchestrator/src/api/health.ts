// For who watches the process: whether it lives, whether it takes jobs, and its metrics.

import { Hono } from "hono";
import type { Metrics } from "../metrics/metrics.ts";
import { HttpError } from "./http-error.ts";

/** Paths that answer without a token: a supervisor has none, and they tell nothing. */
export const openPaths: ReadonlySet<string> = new Set(["/livez", "/readyz"]);

export interface HealthRoutesOptions {
  readonly metrics: Metrics;
  readonly isDraining: () => boolean;
}

export function healthRoutes({ metrics, isDraining }: HealthRoutesOptions): Hono {
  const routes = new Hono();
  routes.get("/livez", (c) => c.json({ status: "live" }));
  routes.get("/readyz", (c) => {
    if (isDraining()) throw new HttpError("DRAINING", "the orchestrator takes no more jobs");
    return c.json({ status: "ready" });
  });
  routes.get("/metrics", async (c) =>
    c.body(await metrics.text(), 200, { "Content-Type": metrics.contentType }),
  );
  return routes;
}
