// An address or a name from the command line, without a port.

import { isIP } from "node:net";
import { FnmeshError } from "@fnmesh/core";

/** Workers dial the ports that are listened on, so a port here would be a misunderstanding. Throws USAGE. */
export function hostOf(text: string, flag: string): string {
  if (isIP(text) !== 0 || /^[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?$/i.test(text)) return text;
  throw new FnmeshError("USAGE", `${flag} takes an address or a name, not "${text}"`, {
    hint: "Give it without a port, which --port says: 203.0.113.5, or fnmesh.example.org.",
  });
}
