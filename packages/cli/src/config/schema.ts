// The shape of a configuration file, checked at the edge: messages name the field, and never what stands in it.

import { FnmeshError } from "@fnmesh/core";
import { platformNames } from "@fnmesh/providers";
import { z } from "zod";
import { numberRules } from "../options/run-options.ts";
import type { FnmeshConfig } from "./define-config.ts";

const text = z.string().min(1);

/** Checked by the platform itself, when it is used. */
const section = z.record(text, z.unknown()).optional();

const stageFields = {
  provider: text.optional(),
  orchestrator: z.strictObject({ url: text.optional() }).optional(),
  ...Object.fromEntries(platformNames.map((name) => [name, section])),
  stores: z
    .strictObject({
      redis: z.strictObject({ url: text, ca: text.optional() }).optional(),
      memcached: z.strictObject({ url: text }).optional(),
      s3: z
        .strictObject({
          endpoint: text.optional(),
          bucket: text.optional(),
          region: text.optional(),
          accessKeyId: text.optional(),
          secretAccessKey: text.optional(),
          sessionToken: text.optional(),
        })
        .optional(),
    })
    .optional(),
  prices: z.record(text, z.unknown()).optional(),
  priceAs: text.optional(),
  relays: z.int().min(numberRules.relays.least).max(numberRules.relays.most).optional(),
};

const schema = z.strictObject({
  ...stageFields,
  stage: text.optional(),
  stages: z.record(text, z.strictObject(stageFields)).optional(),
});

const mostIssuesTold = 5;

/** Throws INVALID_ARGUMENT that names every wrong field (at most five). */
export function checkConfig(value: unknown, file: string): FnmeshConfig {
  const result = schema.safeParse(value);
  // Optional fields may be there and undefined, as `process.env.X` gives them: that is absent.
  if (result.success) return withoutUndefined(result.data) as FnmeshConfig;
  const issues = result.error.issues
    .slice(0, mostIssuesTold)
    .map(({ path, message }) => `${path.length === 0 ? "the default export" : path.join(".")}: ${message}`);
  throw new FnmeshError("INVALID_ARGUMENT", `${file} is not right: ${issues.join("; ")}`, {
    hint: "Write `export default defineConfig({ … })`, and your editor shows what it takes; so does docs/CONFIG.md.",
  });
}

function withoutUndefined(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const kept = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(kept.map(([key, each]) => [key, withoutUndefined(each)]));
}
