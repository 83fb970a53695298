// S3 as OpenStack Swift has it, by its s3api: a second opinion of the protocol. It refuses conditional writes, and is
// slower and stricter here and there than Ceph.

import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { createBucket } from "./bucket.ts";
import {
  accepts,
  answered,
  areThere,
  type Daemon,
  freePorts,
  startDaemon,
  temporaryPlace,
} from "./daemon.ts";
import type { S3Server } from "./radosgw.ts";

const deadlineMs = 60_000;
const program = fileURLToPath(new URL("./swift-server.py", import.meta.url));

const kinds = ["account", "container", "object", "proxy"] as const;
type Kind = (typeof kinds)[number];

/** On a busy machine half a second is nothing: Swift's presets would take its own servers for dead, for a minute. */
const patience = `conn_timeout = 10
node_timeout = 30
`;

const common = (dir: string, port: number) => `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
workers = 0
user = root
swift_dir = ${dir}
log_statsd_host =
log_level = ERROR
`;

const storage = (kind: Kind, dir: string, port: number) => `${common(dir, port)}
devices = ${dir}/devices
mount_check = false
fallocate_reserve = 0

[pipeline:main]
pipeline = ${kind}-server

[app:${kind}-server]
use = egg:swift#${kind}
${patience}`;

const proxy = (dir: string, port: number) => `${common(dir, port)}

[pipeline:main]
pipeline = catch_errors cache s3api tempauth proxy-server

[filter:catch_errors]
use = egg:swift#catch_errors

# Nobody listens on port 1: tempauth wants a cache, and does without its answers.
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1

[filter:s3api]
use = egg:swift#s3api
location = us-east-1
auth_pipeline_check = false

[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = test-secret .admin

[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
recoverable_node_timeout = 30
error_suppression_limit = 1000000
${patience}`;

const secrets = `[swift-hash]
swift_hash_path_prefix = fnmesh
swift_hash_path_suffix = fnmesh
`;

export const canStartSwift = (): boolean =>
  areThere(["setpriv", "/usr/bin/python3", "/usr/lib/python3/dist-packages/swift/__init__.py"]);

/** Rejects with what a server said when it ends early. */
export async function startSwift(): Promise<S3Server> {
  const place = await temporaryPlace("swift");
  let daemon: Daemon | undefined;
  const stop = async () => {
    await daemon?.stop();
    await place.remove();
  };
  try {
    const ports = await freePorts(kinds.length);
    await mkdir(`${place.dir}/devices/disk`, { recursive: true });
    await writeFile(`${place.dir}/swift.conf`, secrets);
    for (const [index, kind] of kinds.entries()) {
      const text =
        kind === "proxy" ? proxy(place.dir, ports[index]!) : storage(kind, place.dir, ports[index]!);
      await writeFile(`${place.dir}/${kind}.conf`, text);
    }
    daemon = startDaemon("/usr/bin/python3", [program, place.dir, ...ports.slice(0, 3).map(String)]);
    const allListen = Promise.all(ports.map((port) => answered(() => accepts(port), deadlineMs)));
    await Promise.race([allListen, daemon.failed]);
    const settings = {
      endpoint: `http://127.0.0.1:${ports[3]}`,
      region: "us-east-1",
      bucket: "fnmesh-test",
      accessKeyId: "test:tester",
      secretAccessKey: "test-secret",
    };
    await createBucket(settings);
    return { settings, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
