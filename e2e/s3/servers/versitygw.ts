/** VersityGW: S3 in front of a directory. A Go program, built from the module of that name. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { installOnce } from "./install-once.ts";
import { createKeyPair } from "./key-pair.ts";
import { inheritedEnvironment, mustRun } from "./must-run.ts";
import { startServer } from "./start-server.ts";
import type { InstalledServer, RunningServer, S3Server } from "./s3-server.ts";
import { untilAnswers } from "./until-answers.ts";
import { VERSITYGW_GAPS } from "./versitygw-gaps.ts";

const MODULE = "github.com/versity/versitygw";
const VERSION = "v1.8.0";
/** Of the module, whose go.sum has those of all that it needs. */
const SUM = "h1:au+wI+aybno/STsQiSm35Uu6Q6iK5MWReQxgO6SEMFc=";

const REGION = "us-east-1";

async function verifyModule(): Promise<void> {
  const args = ["mod", "download", "-json", `${MODULE}@${VERSION}`];
  const { Sum }: { readonly Sum?: unknown } = JSON.parse(await mustRun("go", args, { env: inheritedEnvironment() }));
  if (Sum !== SUM) throw new Error(`${MODULE} ${VERSION} has another checksum than it had: ${String(Sum)}`);
}

async function build(directory: string): Promise<string> {
  await verifyModule();
  const env = { ...inheritedEnvironment(), GOBIN: directory, GOFLAGS: "", CGO_ENABLED: "0" };
  await mustRun("go", ["install", "-trimpath", "-ldflags=-s -w", `${MODULE}/cmd/versitygw@${VERSION}`], { env });
  return VERSION;
}

async function startVersity(program: string, directory: string): Promise<RunningServer> {
  const [data, sidecar] = [join(directory, "data"), join(directory, "metadata")];
  await Promise.all([data, sidecar].map((path) => mkdir(path)));
  const keyPair = createKeyPair();
  const address = `127.0.0.1:${await freePort()}`;
  const server = await startServer({
    command: program,
    // Metadata in files: not every file system has extended attributes.
    args: ["--port", address, "--region", REGION, "--quiet", "posix", "--sidecar", sidecar, data],
    env: { ROOT_ACCESS_KEY: keyPair.accessKeyId, ROOT_SECRET_KEY: keyPair.secretAccessKey },
    log: join(directory, "log"),
  });
  const endpoint = `http://${address}`;
  await untilAnswers(endpoint, server.child, 30).catch(async (error: unknown) => {
    await server[Symbol.asyncDispose]();
    throw new Error(`VersityGW: ${await server.output()}`, { cause: error });
  });
  return { endpoint, region: REGION, ...keyPair, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

export const VERSITYGW: S3Server = {
  title: "VersityGW",
  homepage: "https://github.com/versity/versitygw",
  gaps: VERSITYGW_GAPS,
  async install(cache: string): Promise<InstalledServer> {
    const directory = join(cache, "versitygw");
    const version = await installOnce({ id: `${MODULE}@${VERSION} ${SUM}`, directory, install: build });
    return { version, start: async (data) => await startVersity(join(directory, "versitygw"), data) };
  },
};
