// PUT and GET /blobs/:sha256: a job's code and input go up first, by their hash.

import { Hono } from "hono";
import type { BlobStore } from "./blob-store.ts";
import { bodyChunks, checkContentLength } from "./body.ts";
import { HttpError } from "./http-error.ts";
import { checkHash } from "./job-request.ts";

export function blobRoutes(blobs: BlobStore, mostBytes: number): Hono {
  const routes = new Hono();

  routes.put("/blobs/:sha256", async (c) => {
    const hash = checkHash(c.req.param("sha256"));
    checkContentLength(c, mostBytes);
    const { bytes, created } = await blobs.put(hash, bodyChunks(c));
    return c.json({ blob: hash, bytes }, created ? 201 : 200);
  });

  // Not the content: what a client asks is whether it must upload.
  routes.get("/blobs/:sha256", (c) => {
    const hash = checkHash(c.req.param("sha256"));
    const bytes = blobs.bytesOf(hash);
    if (bytes === undefined) throw new HttpError("NOT_FOUND", "no blob with this hash is kept");
    return c.json({ blob: hash, bytes });
  });

  return routes;
}
