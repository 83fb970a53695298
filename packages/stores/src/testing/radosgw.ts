// S3 as Ceph's object gateway has it: Debian's ceph-mon, ceph-osd and radosgw on one machine, kept in memory. It checks
// signatures and knows conditional writes.

import { randomUUID } from "node:crypto";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import type { S3Settings } from "../settings.ts";
import { createBucket } from "./bucket.ts";
import {
  accepts,
  answered,
  areThere,
  type Daemon,
  freePorts,
  type Place,
  run,
  startDaemon,
  temporaryPlace,
} from "./daemon.ts";

export interface S3Server {
  /** With a bucket that is there. */
  readonly settings: S3Settings;
  /** May be called twice. */
  stop(): Promise<void>;
}

const deadlineMs = 60_000;
const accessKeyId = "test";
const secretAccessKey = "test-secret";

const configuration = (dir: string, fsid: string, monPort: number, port: number) => `[global]
fsid = ${fsid}
mon host = v2:127.0.0.1:${monPort}/0
public addr = 127.0.0.1
cluster addr = 127.0.0.1
run dir = ${dir}
keyring = ${dir}/keyring
admin socket = ${dir}/$name.asok
pid file =
auth allow insecure global id reclaim = false
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pg autoscale mode = off
mon allow pool size one = true
mon warn on pool no redundancy = false
mon max pg per osd = 1000
osd crush chooseleaf type = 0
mon data avail crit = 0
mon data avail warn = 0
ms bind msgr1 = false
paxos propose interval = 0.02
paxos min wait = 0.01
[mon]
mon data = ${dir}/mon
log file = ${dir}/mon.log
[osd]
osd data = ${dir}/osd
osd objectstore = memstore
memstore device bytes = 3221225472
osd memory target = 1073741824
log file = ${dir}/osd.log
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:${port} tcp_nodelay=1
rgw dns name = localhost
rgw thread pool size = 64
log file = ${dir}/rgw.log
`;

/** Name and what it may do, as `ceph-authtool` takes it. */
const keys: readonly (readonly [string, readonly string[]])[] = [
  ["mon.", ["mon", "allow *"]],
  ["client.admin", ["mon", "allow *", "osd", "allow *", "mgr", "allow *"]],
  ["client.rgw", ["mon", "allow *", "osd", "allow *", "mgr", "allow *"]],
  ["osd.0", ["mon", "allow profile osd", "osd", "allow *", "mgr", "allow *"]],
];

class Cluster {
  readonly #place: Place;
  readonly #daemons: Daemon[] = [];

  constructor(place: Place) {
    this.#place = place;
  }

  get #env(): NodeJS.ProcessEnv {
    return { CEPH_CONF: `${this.#place.dir}/ceph.conf` };
  }

  run(program: string, args: readonly string[]): Promise<string> {
    return run(program, args, this.#env);
  }

  start(program: string, args: readonly string[], log: string): Daemon {
    const daemon = startDaemon(program, args, { env: this.#env, log: `${this.#place.dir}/${log}` });
    this.#daemons.push(daemon);
    return daemon;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#daemons.map((daemon) => daemon.stop()));
    await this.#place.remove();
  }
}

async function startMonitor(cluster: Cluster, dir: string, fsid: string, port: number): Promise<void> {
  const keyring = `${dir}/keyring`;
  for (const [index, [name, caps]] of keys.entries()) {
    const grants = caps.flatMap((_, at) => (at % 2 === 0 ? ["--cap", caps[at]!, caps[at + 1]!] : []));
    const create = index === 0 ? ["--create-keyring"] : [];
    await cluster.run("ceph-authtool", [...create, keyring, "--gen-key", "-n", name, ...grants]);
  }
  const map = `${dir}/monmap`;
  await cluster.run("monmaptool", ["--create", "--fsid", fsid, "--addv", "a", `[v2:127.0.0.1:${port}]`, map]);
  await cluster.run("ceph-mon", ["-i", "a", "--mkfs", "--monmap", map, "--keyring", keyring]);
  await copyFile(keyring, `${dir}/mon/keyring`);
  cluster.start("ceph-mon", ["-i", "a", "-f", "--keyring", keyring], "mon.log");
}

async function startStorage(cluster: Cluster): Promise<void> {
  const osd = randomUUID();
  await cluster.run("ceph", ["--connect-timeout", "30", "osd", "new", osd]);
  await cluster.run("ceph-osd", ["-i", "0", "--mkfs", "--osd-uuid", osd, "--no-mon-config"]);
  cluster.start("ceph-osd", ["-i", "0", "-f"], "osd.log");
}

export const canStartRadosgw = (): boolean =>
  areThere([
    "setpriv",
    "ceph",
    "ceph-authtool",
    "ceph-mon",
    "ceph-osd",
    "monmaptool",
    "radosgw",
    "radosgw-admin",
  ]);

/** Rejects with what a server said when it ends early. */
export async function startRadosgw(): Promise<S3Server> {
  const place = await temporaryPlace("radosgw");
  const cluster = new Cluster(place);
  try {
    const [monPort, port] = (await freePorts(2)) as [number, number];
    const fsid = randomUUID();
    await Promise.all(["mon", "osd"].map((name) => mkdir(`${place.dir}/${name}`)));
    await writeFile(`${place.dir}/ceph.conf`, configuration(place.dir, fsid, monPort, port));
    await startMonitor(cluster, place.dir, fsid, monPort);
    await startStorage(cluster);
    await cluster.run("radosgw-admin", [
      ...["-n", "client.rgw", "user", "create", "--uid=test", "--display-name=test"],
      ...[`--access-key=${accessKeyId}`, `--secret=${secretAccessKey}`],
    ]);
    const gateway = cluster.start("radosgw", ["-n", "client.rgw", "-f"], "rgw.log");
    await Promise.race([gateway.failed, answered(() => accepts(port), deadlineMs)]);
    const settings = {
      endpoint: `http://127.0.0.1:${port}`,
      region: "us-east-1",
      bucket: "fnmesh-test",
      accessKeyId,
      secretAccessKey,
    };
    await createBucket(settings);
    return { settings, stop: () => cluster.stop() };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}
