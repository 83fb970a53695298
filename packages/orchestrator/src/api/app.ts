// The whole API as one Hono app: guards first, then the routes, each path with a 405 for what it does not take.

import type { Log } from "@fnmesh/core";
import type { SourceName } from "@fnmesh/core/internal";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { Metrics } from "../metrics/metrics.ts";
import type { Orchestrator } from "../orchestrator.ts";
import { foreignReason, tokenCheck, unauthorized } from "./auth.ts";
import type { BlobStore } from "./blob-store.ts";
import { blobRoutes } from "./blobs.ts";
import { eventRoutes } from "./events.ts";
import { healthRoutes, openPaths } from "./health.ts";
import { answerError, HttpError, toHttpError } from "./http-error.ts";
import { infoRoutes } from "./info.ts";
import { jobRoutes } from "./jobs-routes.ts";
import type { ApiLimits } from "./limits.ts";
import type { Submissions } from "./submissions.ts";

export interface AppOptions {
  readonly orchestrator: Orchestrator;
  readonly metrics: Metrics;
  readonly submissions: Submissions;
  readonly blobs: BlobStore;
  readonly limits: ApiLimits;
  readonly host: string;
  readonly token: string | undefined;
  readonly isDraining: () => boolean;
  readonly closing: AbortSignal;
  readonly log: Log;
  readonly sources: readonly SourceName[];
}

const everyPath = "/*";
const knownMethods: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "PUT",
  "POST",
  "DELETE",
  "OPTIONS",
  "PATCH",
]);

/** The pattern that answered, for metrics: never a path that the client made up. */
function routeOf(c: Context): string {
  const pattern = routePath(c, -1);
  return pattern === everyPath ? "none" : pattern;
}

const observe =
  (metrics: Metrics, log: Log): MiddlewareHandler =>
  async (c, next) => {
    const begin = performance.now();
    await next();
    const seconds = (performance.now() - begin) / 1000;
    const method = knownMethods.has(c.req.method) ? c.req.method : "other";
    const observation = { method, route: routeOf(c), status: c.res.status, seconds };
    metrics.observeHttp(observation);
    log.debug("http", { ...observation });
  };

const guard =
  (host: string, log: Log): MiddlewareHandler =>
  async (c, next) => {
    const reason = foreignReason(host, {
      host: c.req.header("host"),
      origin: c.req.header("origin"),
      fetchSite: c.req.header("sec-fetch-site"),
    });
    if (reason !== undefined) {
      log.warn("refused a request of a foreign page", { reason });
      throw new HttpError("FORBIDDEN", `the request is refused: ${reason}`);
    }
    c.header("X-Content-Type-Options", "nosniff");
    c.header("Cache-Control", "no-store");
    await next();
  };

function authenticate(token: string | undefined, log: Log): MiddlewareHandler {
  const isRight = token === undefined ? () => true : tokenCheck(token);
  return async (c, next) => {
    if (!openPaths.has(c.req.path) && !isRight(c.req.header("authorization"))) {
      log.warn("refused a request without a valid token");
      throw unauthorized();
    }
    await next();
  };
}

/** For each path a last route, which says what the path takes. */
function refuseOtherMethods(app: Hono): void {
  const methods = new Map<string, Set<string>>();
  for (const { path, method } of app.routes) {
    if (method === "ALL") continue;
    const known = methods.get(path) ?? new Set();
    methods.set(path, known.add(method));
    if (method === "GET") known.add("HEAD");
  }
  for (const [path, allowed] of methods) {
    const allow = [...allowed].join(", ");
    app.all(path, (c) => {
      throw new HttpError("METHOD_NOT_ALLOWED", `${c.req.method} is not for this path`, {
        hint: `It takes ${allow}.`,
        headers: { Allow: allow },
      });
    });
  }
}

export function createApp(options: AppOptions): Hono {
  const { metrics, log, host, token, blobs, limits } = options;
  const app = new Hono();
  app.use(everyPath, observe(metrics, log), guard(host, log), authenticate(token, log));
  app.route("/", healthRoutes(options));
  app.route("/", infoRoutes(options));
  app.route("/", blobRoutes(blobs, limits.blobBytes));
  app.route("/", jobRoutes(options));
  app.route("/", eventRoutes(options));
  refuseOtherMethods(app);
  app.notFound((c) =>
    answerError(
      c,
      new HttpError("NOT_FOUND", "there is nothing at this path", {
        hint: "docs/openapi.yaml lists the paths.",
      }),
    ),
  );
  app.onError((error, c) => {
    const answer = toHttpError(error);
    if (answer.code === "INTERNAL") log.error("a request failed", { error: error.stack ?? error.message });
    return answerError(c, answer);
  });
  return app;
}
