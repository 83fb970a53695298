// GET /info: what jobs may ask for here, so that a client can bundle a job and check it before it uploads anything.

import type { SourceName } from "@fnmesh/core/internal";
import { Hono } from "hono";
import type { Offers, Orchestrator } from "../orchestrator.ts";
import type { ApiLimits } from "./limits.ts";

export interface OrchestratorInfo extends Offers {
  /** Sources of input that workers read by themselves. */
  readonly sources: readonly SourceName[];
  readonly limits: Pick<ApiLimits, "blobBytes" | "codeBytes">;
}

export interface InfoRoutesOptions {
  readonly orchestrator: Pick<Orchestrator, "offers">;
  readonly sources: readonly SourceName[];
  readonly limits: ApiLimits;
}

export function infoRoutes({ orchestrator, sources, limits }: InfoRoutesOptions): Hono {
  const routes = new Hono();
  const { blobBytes, codeBytes } = limits;
  routes.get("/info", (c) => {
    const info: OrchestratorInfo = { ...orchestrator.offers, sources, limits: { blobBytes, codeBytes } };
    return c.json(info);
  });
  return routes;
}
