// `--param K=V`, repeated: the job's parameters.

import { FnmeshError } from "@fnmesh/core";

const keyForm = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** Throws USAGE for what has no key, an odd key, or a key given twice. The value may be empty and may hold `=`. */
export function parseParams(given: readonly string[]): Readonly<Record<string, string>> {
  const params = new Map<string, string>();
  for (const text of given) {
    const equals = text.indexOf("=");
    const key = equals === -1 ? text : text.slice(0, equals);
    if (equals === -1 || !keyForm.test(key)) {
      throw new FnmeshError("USAGE", `--param takes KEY=VALUE, not "${text}"`, {
        hint: "Write it as --param top=20; a key has letters, digits, _, . and -, and begins with a letter.",
      });
    }
    if (params.has(key)) {
      throw new FnmeshError("USAGE", `--param ${key} is given twice`, {
        hint: `Give ${key} once; put several values into one, as ${key}=a,b.`,
      });
    }
    params.set(key, text.slice(equals + 1));
  }
  return Object.fromEntries(params);
}
