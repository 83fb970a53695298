// What `fnmesh run` or `fnmesh hello` was asked for beside an orchestrator elsewhere: what only an orchestrator of its own has is refused.

import { FnmeshError } from "@fnmesh/core";
import type { AskedOptions } from "./run-options.ts";

type Checked = Pick<
  AskedOptions,
  "nat" | "relays" | "listen" | "advertise" | "port" | "observePort" | "prices"
>;

/** Throws USAGE. */
export function checkRemote(asked: Checked, orchestrator: string): void {
  const given: readonly (readonly [flag: string, isGiven: boolean])[] = [
    ["--nat", asked.nat !== "none"],
    ["--relays", asked.relays !== undefined],
    ["--listen", asked.listen !== undefined],
    ["--advertise", asked.advertise !== undefined],
    ["--port", asked.port !== 0],
    ["--observe-port", asked.observePort !== 0],
    ["--prices", asked.prices !== undefined],
  ];
  const first = given.find(([, isGiven]) => isGiven)?.[0];
  if (first === undefined) return;
  throw new FnmeshError(
    "USAGE",
    `${first} is for an orchestrator of this command's own, not for ${orchestrator}`,
    {
      hint: `Leave ${first} away, or run without --orchestrator, FNMESH_ORCHESTRATOR and the file's \`orchestrator\`.`,
    },
  );
}
