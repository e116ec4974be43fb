/** Ceph's RADOS Gateway on a cluster of one, from Debian's packages. */
import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { formatCephConfig } from "./ceph-config.ts";
import { CEPH_GAPS } from "./ceph-gaps.ts";
import { unpackCeph } from "./ceph-install.ts";
import { findCephPrograms, type CephPrograms } from "./ceph-programs.ts";
import { freePort } from "./free-port.ts";
import { installOnce } from "./install-once.ts";
import type { InstalledServer, RunningServer, S3Server } from "./s3-server.ts";
import { startServer, type ServerProcess } from "./start-server.ts";
import { untilAnswers } from "./until-answers.ts";

/** What is asked of one cluster. */
interface Cluster {
  readonly programs: CephPrograms;
  readonly directory: string;
  readonly config: string;
  readonly clusterId: string;
  readonly monitorPort: number;
}

const REGION = "us-east-1";
const DAEMON_SECONDS = 60;

async function untilTrue(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + DAEMON_SECONDS * 1000;
  while (!(await isTrue().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`Ceph: no ${what} after ${DAEMON_SECONDS} s`);
    await delay(50);
  }
}

async function createKeyring({ programs }: Cluster, keyring: string): Promise<void> {
  const users = [
    ["mon.", "mon", "allow *"],
    ["client.admin", "mon", "allow *", "osd", "allow *", "mgr", "allow *"],
    ["osd.0", "mon", "allow profile osd", "osd", "allow *", "mgr", "allow profile osd"],
    ["client.rgw", "mon", "allow rw", "osd", "allow rwx", "mgr", "allow rw"],
  ] as const;
  await programs.run("ceph-authtool", ["-C", keyring]);
  for (const [user, ...caps] of users) {
    const pairs = caps.flatMap((cap, index) => (index % 2 === 0 ? ["--cap", cap] : [cap]));
    await programs.run("ceph-authtool", [keyring, "--gen-key", "-n", user, ...pairs]);
  }
}

async function startDaemon(
  { programs, directory }: Cluster,
  program: string,
  args: readonly string[],
): Promise<ServerProcess> {
  return await startServer({
    ...programs.commandLine(program, ["-f", ...args]),
    log: join(directory, `${program}.out`),
  });
}

async function startMonitor(cluster: Cluster): Promise<ServerProcess> {
  const { programs, directory, config, clusterId, monitorPort } = cluster;
  const [keyring, map] = [join(directory, "keyring"), join(directory, "monmap")];
  await createKeyring(cluster, keyring);
  const address = `[v2:127.0.0.1:${monitorPort}]`;
  const release = /\(\w+\) (\w+)/u.exec(await programs.run("ceph-mon", ["--version"]))?.[1] ?? "tentacle";
  const mapArgs = ["--create", "--fsid", clusterId, "--addv", "a", address, "--set-min-mon-release", release, map];
  await programs.run("monmaptool", mapArgs);
  await programs.run("ceph-mon", ["-c", config, "--mkfs", "-i", "a", "--monmap", map, "--keyring", keyring]);
  return await startDaemon(cluster, "ceph-mon", ["-c", config, "-i", "a"]);
}

async function startStorage(cluster: Cluster): Promise<ServerProcess> {
  const { programs, config } = cluster;
  const id = randomUUID();
  await untilTrue("monitor", async () => (await programs.admin(config, ["osd", "new", id])) !== "");
  await programs.run("ceph-osd", ["-c", config, "-i", "0", "--mkfs", "--osd-uuid", id]);
  const daemon = await startDaemon(cluster, "ceph-osd", ["-c", config, "-i", "0"]);
  // What asks for it before it is up waits for a tick of the monitor, which is seconds.
  await untilTrue("OSD", async () => (await programs.admin(config, ["osd", "stat"])).includes(" 1 up"));
  return daemon;
}

interface CephUser {
  readonly keys: readonly { readonly access_key: string; readonly secret_key: string }[];
}

/** radosgw-admin makes the keys up, so that they stand in no command line. */
async function createUser({ programs, config }: Cluster): Promise<{ accessKeyId: string; secretAccessKey: string }> {
  const args = ["-c", config, "-n", "client.rgw", "user", "create", "--uid=test", "--display-name=test"];
  const user: CephUser = JSON.parse(await programs.run("radosgw-admin", args));
  const [key] = user.keys;
  if (key === undefined) throw new Error("Ceph: the user has no key");
  return { accessKeyId: key.access_key, secretAccessKey: key.secret_key };
}

async function prepare(root: string, directory: string, port: number): Promise<Cluster> {
  const programs = await findCephPrograms(root);
  const [clusterId, monitorPort] = [randomUUID(), await freePort()];
  const config = join(directory, "ceph.conf");
  await Promise.all(["mon", "osd", "rgw"].map((name) => mkdir(join(directory, name))));
  await writeFile(config, formatCephConfig({ directory, libraries: programs.libraries, clusterId, monitorPort, port }));
  return { programs, directory, config, clusterId, monitorPort };
}

async function startCeph(root: string, directory: string): Promise<RunningServer> {
  await using daemons = new AsyncDisposableStack();
  const port = await freePort();
  const cluster = await prepare(root, directory, port);
  daemons.use(await startMonitor(cluster));
  daemons.use(await startStorage(cluster));
  const keyPair = await createUser(cluster);
  const gateway = daemons.use(await startDaemon(cluster, "radosgw", ["-c", cluster.config, "-n", "client.rgw"]));
  const endpoint = `http://127.0.0.1:${port}`;
  await untilAnswers(endpoint, gateway.child, DAEMON_SECONDS);
  const kept = daemons.move();
  return { endpoint, region: REGION, ...keyPair, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function install(directory: string): Promise<string> {
  await unpackCeph(directory);
  const programs = await findCephPrograms(directory);
  return /version (\S+)/u.exec(await programs.run("radosgw", ["--version"]))?.[1] ?? "";
}

export const CEPH: S3Server = {
  title: "Ceph RGW",
  homepage: "https://docs.ceph.com/en/latest/radosgw/s3/",
  gaps: CEPH_GAPS,
  async install(cache: string): Promise<InstalledServer> {
    const root = join(cache, "ceph");
    const version = await installOnce({ id: "debian forky", directory: root, install });
    return { version, start: async (directory) => await startCeph(root, directory) };
  },
};
