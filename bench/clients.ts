/** The tools that are compared, each as it is used: with its own defaults, but for 32 transfers of small files at once. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Command } from "./measure.ts";
import type { Stack } from "./stack.ts";

/** What is moved: a file under a key, or a directory under a prefix that ends in `/`. */
export interface Transfer {
  readonly direction: "put" | "get";
  readonly path: string;
  readonly key: string;
  readonly isDirectory: boolean;
}

export interface Client {
  readonly name: string;
  /** Whether it is on this machine. */
  readonly isThere: () => boolean;
  /** Nothing for what it does not do. */
  readonly command: (transfer: Transfer, stack: Stack) => Command | undefined;
}

function answers(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: "ignore" }).status === 0;
}

function awsEnvironment({ accessKeyId, secretAccessKey, region }: Stack): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: region,
    AWS_EC2_METADATA_DISABLED: "true",
  };
}

function inOrder({ direction, path }: Transfer, remote: string): readonly string[] {
  return direction === "put" ? [path, remote] : [remote, path];
}

/** What `build` makes. */
const S3R = fileURLToPath(new URL("../dist/cli/s3r.mjs", import.meta.url));

function runS3r(args: readonly string[], { api, caFile }: Stack): Command {
  const trust = caFile === undefined ? {} : { NODE_EXTRA_CA_CERTS: caFile };
  return { program: process.execPath, args: [S3R, ...args], env: { S3R_ENDPOINT: api, ...trust } };
}

/** Removes what a transfer has put: some clients leave out what is there already. */
export function removal({ key, isDirectory }: Transfer, stack: Stack): Command {
  return runS3r(["rm", "-q", ...(isDirectory ? ["-r", "--force", "--if-no-files-found", "ignore"] : []), key], stack);
}

const s3r: Client = {
  name: "s3r",
  isThere: () => answers(process.execPath, S3R, "--version"),
  command(transfer, stack) {
    const { direction, key, isDirectory } = transfer;
    return runS3r([direction, ...(isDirectory ? ["-q", "-r"] : ["-q"]), ...inOrder(transfer, key)], stack);
  },
};

const curl: Client = {
  name: "curl",
  isThere: () => answers("curl", "--version"),
  command({ direction, path, key, isDirectory }, { api, caFile }) {
    if (isDirectory) return undefined;
    const file = direction === "put" ? "-T" : "-o";
    const trust = caFile === undefined ? [] : ["--cacert", caFile];
    return { program: "curl", args: ["-q", "-sSfL", ...trust, file, path, `${api}/${key}`] };
  },
};

const s5cmd: Client = {
  name: "s5cmd",
  isThere: () => answers("s5cmd", "version"),
  command(transfer, stack) {
    const { direction, path, key, isDirectory } = transfer;
    const remote = `s3://${stack.bucket}/${key}`;
    const all = direction === "put" ? [`${path}/*`, remote] : [`${remote}*`, `${path}/`];
    const args = [
      "--log",
      "error",
      "--endpoint-url",
      stack.store,
      "cp",
      ...(isDirectory ? all : inOrder(transfer, remote)),
    ];
    return { program: "s5cmd", args, env: awsEnvironment(stack) };
  },
};

const aws: Client = {
  name: "aws-cli",
  isThere: () => answers("aws", "--version"),
  command(transfer, stack) {
    const recursive = transfer.isDirectory ? ["--recursive"] : [];
    const copy = inOrder(transfer, `s3://${stack.bucket}/${transfer.key}`);
    const args = ["--endpoint-url", stack.store, "s3", "cp", "--only-show-errors", ...recursive, ...copy];
    return { program: "aws", args, env: awsEnvironment(stack) };
  },
};

const rclone: Client = {
  name: "rclone",
  isThere: () => answers("rclone", "version"),
  command(transfer, { store, bucket, accessKeyId, secretAccessKey, region }) {
    const remote = `:s3:${bucket}/${transfer.key}`;
    const flags = ["--s3-no-check-bucket", "--transfers", "32", "--config", "/dev/null"];
    return {
      program: "rclone",
      args: [transfer.isDirectory ? "copy" : "copyto", ...flags, ...inOrder(transfer, remote)],
      env: {
        RCLONE_S3_PROVIDER: "Other",
        // It stops at one of the environment, though nothing here is https.
        AWS_CA_BUNDLE: "",
        RCLONE_S3_ENDPOINT: store,
        RCLONE_S3_REGION: region,
        RCLONE_S3_ACCESS_KEY_ID: accessKeyId,
        RCLONE_S3_SECRET_ACCESS_KEY: secretAccessKey,
      },
    };
  },
};

export const CLIENTS: readonly Client[] = [s3r, curl, s5cmd, aws, rclone];
