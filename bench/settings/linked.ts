// Functions that have a link and a latency between them, in dilated time: each behind its own NAT in the lab. The link's
// rate holds at both ends: what leaves passes the lab's token bucket, what comes passes the worker's own line, which adds
// the latency (this kernel has no delay for its links). Processors and the kernel are as fast as ever.

import { join } from "node:path";
import { openLab } from "@fnmesh/netlab";
import { type Fnmesh, startFnmesh } from "../lib/fnmesh.ts";
import { functionLink } from "../shaping/models.ts";
import type { SettingOptions } from "./setting.ts";

export interface Linked {
  readonly fnmesh: Fnmesh;
  /** Where this process can be reached by the workers. */
  readonly host: string;
  /** The lab's profile. */
  readonly nat: string;
}

export async function openLinked(options: Omit<SettingOptions, "channels">): Promise<Linked> {
  const { workers, dilation, bundles, signal, say, defer } = options;
  const linkRate = functionLink.bitsPerSecond / dilation;
  const latencyMs = functionLink.latencyMs * dilation;
  const link = `${(linkRate / 1e6).toFixed(1)} Mbit/s and ${latencyMs.toFixed(1)} ms`;
  say(`making a NAT lab: ${workers} workers with a link of ${link} each; times 1/${dilation}`);
  const lab = await openLab({ profile: "restricted", workers, linkRate, signal });
  defer(() => lab.close());
  const fnmesh = await startFnmesh({
    host: lab.orchestratorHost,
    place: lab.enter,
    slow: {
      dilation,
      entry: join(bundles, "workers/entry.cjs"),
      line: { bytesPerSecond: linkRate / 8, latencyMs },
    },
  });
  defer(() => fnmesh.close());
  return { fnmesh, host: lab.orchestratorHost, nat: lab.profile };
}
