// The job that an item is when the user does not say it: an object is its input, and the body of a message or a request
// says in JSON what differs. Pure.

import { FnmeshError } from "@fnmesh/core";
import type { TriggerItem } from "./items.ts";
import type { JobWish } from "./submit.ts";

/**
 * - An object of S3 is the job's input; an empty one, as folders are made of, is no job.
 * - A message's, or a POST request's, body is nothing or `{ workers, params, input }`, each of which may be left out.
 *   Throws INVALID_ARGUMENT that names what is wrong.
 */
export function presetMap(item: TriggerItem): JobWish | undefined {
  if (item.from === "s3") return item.bytes === 0 ? undefined : { input: [item.source] };
  if (item.from === "http" && item.method !== "POST") {
    throw wrong(`a job is started by POST, not by ${item.method}`);
  }
  return wishIn(item.body);
}

/** With what every run has unless it says otherwise. */
export function withPresets(wish: JobWish, presets: JobWish): JobWish {
  const params = { ...presets.params, ...wish.params };
  return { ...presets, ...wish, ...(Object.keys(params).length === 0 ? {} : { params }) };
}

const mostWorkers = 1_000;

/** What each field may be, and what is said of anything else. */
const fields: Readonly<Record<string, readonly [is: (value: unknown) => boolean, takes: string]>> = {
  workers: [
    (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= mostWorkers,
    `a whole number from 1 to ${mostWorkers}`,
  ],
  params: [(value) => isRecord(value) && Object.values(value).every(isText), "an object of texts"],
  input: [
    (value) => Array.isArray(value) && value.every((each) => isSource(each) || isNamedText(each)),
    'a list of "s3://bucket/key" and { "name", "text" }',
  ],
};

const isText = (value: unknown): value is string => typeof value === "string";
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isSource = (value: unknown): boolean => isText(value) && /^s3:\/\/[^/]+/.test(value);
const isNamedText = (value: unknown): boolean =>
  isRecord(value) && Object.keys(value).sort().join() === "name,text" && Object.values(value).every(isText);

function wishIn(body: string): JobWish {
  if (body.trim() === "") return {};
  const wish = parsed(body);
  if (!isRecord(wish)) throw wrong("the body is no JSON object");
  for (const [name, value] of Object.entries(wish)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) throw wrong(`the body has no field "${name}"`);
    const [is, takes] = field;
    if (!is(value)) throw wrong(`${name} has to be ${takes}`);
  }
  return wish;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // As what is no object.
  }
}

const wrong = (message: string) =>
  new FnmeshError("INVALID_ARGUMENT", message, {
    hint: `It may have these: ${Object.keys(fields).join(", ")}. A map of your own reads other bodies.`,
  });
