// `s3://bucket/…` as the user names objects: one by its key, all below a prefix that ends with a slash, or those that a
// pattern matches, in the signs that patterns of files have. Pure. A key is what it is: nothing in it is decoded.

import { FnmeshError } from "@fnmesh/core";

export interface ObjectPattern {
  readonly bucket: string;
  /** `key`: one object. `prefix`: all below it. `glob`: those that match. */
  readonly kind: "key" | "prefix" | "glob";
  /** What follows the bucket, as it was typed. */
  readonly key: string;
  /** What every key that matches begins with. */
  readonly prefix: string;
  matches(key: string): boolean;
}

/** Names that AWS and other stores take; so a bucket is never mistaken for a part of a host's name. */
const form = /^[a-z0-9]+:\/\/([A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9])(?:\/(.*))?$/s;
const wildcards = /[*?[{\\]/;

/**
 * Throws INVALID_ARGUMENT.
 *
 * @example
 * objectPattern("s3://logs/2026-*.jsonl").prefix // "2026-"
 */
export function objectPattern(text: string): ObjectPattern {
  const [, bucket, key = ""] = form.exec(text) ?? [];
  if (bucket === undefined) {
    throw new FnmeshError("INVALID_ARGUMENT", `${text} names no bucket`, {
      hint: "Write s3://bucket/key, s3://bucket/prefix/ or a pattern such as 's3://bucket/logs/*.jsonl'.",
    });
  }
  const wild = wildcards.exec(key);
  if (wild === null && (key === "" || key.endsWith("/"))) {
    return { bucket, kind: "prefix", key, prefix: key, matches: (other) => other.startsWith(key) };
  }
  if (wild === null) return { bucket, kind: "key", key, prefix: key, matches: (other) => other === key };
  const regExps = alternatives(key.endsWith("/") ? `${key}**` : key).map(globRegExp);
  const matches = (other: string) => regExps.some((regExp) => regExp.test(other));
  return { bucket, kind: "glob", key, prefix: key.slice(0, wild.index), matches };
}

/** `a{b,c}` as `ab` and `ac`. Braces that do not close stand for themselves. */
function alternatives(glob: string): readonly string[] {
  const open = glob.search(/(?<!\\)\{/);
  if (open < 0) return [glob];
  const commas = [open];
  let depth = 0;
  for (let at = open; at < glob.length; at += 1) {
    if (glob[at] === "\\") at += 1;
    else if (glob[at] === "{") depth += 1;
    else if (glob[at] === "," && depth === 1) commas.push(at);
    else if (glob[at] === "}" && --depth === 0) {
      const cuts = [...commas, at];
      const choices = cuts.slice(1).map((end, index) => glob.slice(cuts[index]! + 1, end));
      const [head, tail] = [glob.slice(0, open), glob.slice(at + 1)];
      // One alone is no choice: the braces are part of the name.
      if (choices.length === 1) return alternatives(tail).map((rest) => `${head}\\{${choices[0]}\\}${rest}`);
      return choices.flatMap((choice) => alternatives(`${head}${choice}${tail}`));
    }
  }
  return [`${glob.slice(0, open)}\\${glob.slice(open)}`];
}

/** A wildcard does not stand for the dot that a part's name begins with, nor for a slash; `**` is any number of parts. */
function globRegExp(glob: string): RegExp {
  const parts = glob.split("/");
  const body = parts.map((part, index) => {
    const isLast = index === parts.length - 1;
    if (part === "**") return isLast ? "(?!\\.)[^/]*(?:/(?!\\.)[^/]*)*" : "(?:(?!\\.)[^/]*/)*";
    return `${partRegExp(part)}${isLast ? "" : "/"}`;
  });
  try {
    return new RegExp(`^${body.join("")}$`, "su");
  } catch (cause) {
    throw new FnmeshError("INVALID_ARGUMENT", `the input pattern ${glob} cannot be read`, {
      cause,
      hint: "Write ranges such as [a-z] from the lower end to the upper one.",
    });
  }
}

const tokens = /\\(.)|\[([!^]?)(\]?[^\]]+)\]|(\*+)|(\?)|(.)/gsu;

function partRegExp(part: string): string {
  const body = part.replace(tokens, (_all, escaped, not, set, stars, mark, plain) => {
    if (stars !== undefined) return "[^/]*";
    if (mark !== undefined) return "[^/]";
    if (set !== undefined) return `(?!/)[${not === "" ? "" : "^"}${set.replace(/[\\\]^]/g, "\\$&")}]`;
    return literal(escaped ?? plain);
  });
  return /^[*?[]/.test(part) ? `(?!\\.)${body}` : body;
}

const literal = (text: string): string => text.replace(/[$()*+./?[\\\]^{|}]/gu, "\\$&");
