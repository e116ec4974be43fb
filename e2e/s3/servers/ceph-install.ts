/** Ceph of a newer Debian, unpacked into a directory and not installed: its own loader and libraries run it on any amd64 or arm64 Linux with apt. */
import { access, mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inheritedEnvironment, mustRun } from "./must-run.ts";

const PACKAGES = ["ceph-mon", "ceph-osd", "radosgw", "ceph-common"];

/** Ceph 20.2; Debian 12 has 16.2, which accepts `x-amz-*` headers that nobody signed. */
const SUITE = "forky";

/** Packages are verified by it, whatever they come from. */
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

const EXTRACTED_AT_ONCE = 4;

/** This machine's own Debian mirror. */
async function findMirror(): Promise<string> {
  const lines = await mustRun("apt-get", ["indextargets", "--format", "$(REPO_URI)"], { env: inheritedEnvironment() });
  const mirror = lines.split("\n").find((line) => line.endsWith("/debian/"));
  if (mirror === undefined) throw new Error("apt knows no Debian mirror: Ceph is taken from Debian's packages");
  return mirror;
}

/** apt's options for a world of its own in a directory, so that the system's is not touched and nobody has to be root. */
function aptOptions(apt: string): readonly string[] {
  const settings = {
    "Dir::Etc::sourcelist": join(apt, "sources.list"),
    "Dir::Etc::sourceparts": join(apt, "none"),
    "Dir::Etc::preferences": "/dev/null",
    "Dir::Etc::preferencesparts": join(apt, "none"),
    "Dir::State": apt,
    "Dir::State::status": join(apt, "status"),
    "Dir::State::lists": join(apt, "lists"),
    "Dir::Cache": join(apt, "cache"),
    "Dir::Log": apt,
    "APT::Install-Recommends": "false",
    "APT::Sandbox::User": "",
    "Debug::NoLocking": "1",
    // The index of a testing suite may be older than it promises; its signature is still checked.
    "Acquire::Check-Valid-Until": "false",
    "DPkg::Pre-Invoke::": "",
    "DPkg::Post-Invoke::": "",
    "APT::Update::Post-Invoke::": "",
  };
  return Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
}

async function download(apt: string): Promise<readonly string[]> {
  const archives = join(apt, "cache", "archives");
  for (const path of [join(apt, "lists", "partial"), join(archives, "partial"), join(apt, "none")])
    await mkdir(path, { recursive: true });
  await writeFile(join(apt, "status"), "");
  await writeFile(join(apt, "sources.list"), `deb [signed-by=${KEYRING}] ${await findMirror()} ${SUITE} main\n`);
  const env = inheritedEnvironment();
  await mustRun("apt-get", [...aptOptions(apt), "-qq", "update"], { env });
  await mustRun("apt-get", [...aptOptions(apt), "-qq", "-y", "--download-only", "install", ...PACKAGES], { env });
  return (await readdir(archives)).filter((name) => name.endsWith(".deb")).map((name) => join(archives, name));
}

async function unpack(packages: readonly string[], root: string): Promise<void> {
  // Debian has one /usr; packages that still ship /bin must land there.
  for (const name of ["bin", "lib", "lib64", "sbin"]) {
    await mkdir(join(root, "usr", name), { recursive: true });
    await symlink(join("usr", name), join(root, name));
  }
  const left = [...packages];
  const lane = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) await mustRun("dpkg-deb", ["-x", next, root]);
  };
  await Promise.all(Array.from({ length: EXTRACTED_AT_ONCE }, lane));
  for (const name of ["share/doc", "share/man", "share/locale", "share/info", "include"])
    await rm(join(root, "usr", name), { recursive: true, force: true });
}

/** @throws Error where there is no apt, or no Debian. */
export async function unpackCeph(root: string): Promise<void> {
  await access(KEYRING).catch(() => {
    throw new Error(`${KEYRING} is not there: Ceph is taken from Debian's packages (debian-archive-keyring)`);
  });
  const apt = join(root, ".apt");
  await unpack(await download(apt), root);
  await rm(apt, { recursive: true });
}
