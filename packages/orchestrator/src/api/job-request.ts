// What POST /jobs takes, checked at the edge: from here on a job is a typed value.

import { sourceOf } from "@fnmesh/core/internal";
import { parseChannel } from "@fnmesh/core/protocol";
import { z } from "zod";
import { HttpError } from "./http-error.ts";

const blobHash = z.string().regex(/^[0-9a-f]{64}$/, "expected a SHA-256 in lower-case hex");
/** A name that is shown and logged, never used as a path. */
const name = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it keeps out
    .regex(/^[^\x00-\x1f\x7f]*$/, "expected no control characters");

const inputItem = z
  .strictObject({
    name: name(4096).optional(),
    blob: blobHash.optional(),
    /** Objects that the workers read by themselves: one, all below a prefix, or those that match a pattern. */
    source: name(4096)
      .refine((text) => sourceOf(text) !== undefined, "expected s3://…")
      .optional(),
  })
  .transform((item, context): { name: string; blob: string } | { source: string } => {
    const { name, blob, source } = item;
    if (source !== undefined && name === undefined && blob === undefined) return { source };
    if (source === undefined && name !== undefined && blob !== undefined) return { name, blob };
    const path = [source !== undefined ? "source" : name === undefined ? "name" : "blob"];
    context.addIssue({ code: "custom", path, message: "expected name and blob, or source alone" });
    return z.NEVER;
  });

const jobRequest = z.strictObject({
  name: name(128).default("job"),
  /** The bundled module, uploaded before. */
  code: blobHash,
  /** Modules that it may ask for while it runs, uploaded before. */
  modules: z.array(blobHash).max(16).default([]),
  workers: z.int().min(1).max(100_000),
  provider: name(64).default("local"),
  channel: name(256)
    .refine(isChannel, "expected auto, a way between workers, or several separated by commas")
    .default("auto"),
  encrypt: z.boolean().default(true),
  /** A platform of the price table. */
  priceAs: name(64).optional(),
  memoryMb: z.int().min(1).default(512),
  timeoutMs: z.int().min(1).default(900_000),
  params: z.record(name(256), z.string().max(65_536)).default({}),
  input: z.array(inputItem).max(100_000).default([]),
});

function isChannel(text: string): boolean {
  try {
    parseChannel(text);
    return true;
  } catch {
    return false;
  }
}

export type JobRequest = z.infer<typeof jobRequest>;
/** As a client sends it: what has a preset may be left out. */
export type JobSubmission = z.input<typeof jobRequest>;

const mostIssuesTold = 5;

/** Throws INVALID_ARGUMENT that names every wrong field (at most five). */
export function parseJobRequest(json: unknown): JobRequest {
  const result = jobRequest.safeParse(json);
  if (result.success) return result.data;
  const issues = result.error.issues
    .slice(0, mostIssuesTold)
    .map(({ path, message }) => `${path.length === 0 ? "the request" : path.join(".")}: ${message}`);
  throw new HttpError("INVALID_ARGUMENT", issues.join("; "), {
    hint: "docs/openapi.yaml describes the fields of a job.",
  });
}

export function checkHash(hash: string): string {
  if (blobHash.safeParse(hash).success) return hash;
  throw new HttpError("INVALID_ARGUMENT", "a blob's name is its SHA-256, as 64 lower-case hex digits");
}
