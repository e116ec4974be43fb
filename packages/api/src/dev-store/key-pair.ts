/** The dev store's own key pair, made with its data directory. It opens nothing else. */
import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";

export interface KeyPair {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const schema = v.strictObject({ accessKeyId: v.string(), secretAccessKey: v.string() });

function createKeyPair(): KeyPair {
  return {
    accessKeyId: `S3RDEV${randomBytes(7).toString("hex").toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString("base64url"),
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/** Reads the directory's key pair, or makes one, in a file that only its owner can read. */
export async function loadOrCreateKeyPair(directory: string): Promise<KeyPair> {
  const path = join(directory, "key-pair.json");
  try {
    return v.parse(schema, JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    if (!isMissing(error))
      throw new Error(`${path} is no key pair of a dev store: remove it to get a new one`, { cause: error });
  }
  const keyPair = createKeyPair();
  await mkdir(directory, { recursive: true });
  await writeFile(path, `${JSON.stringify(keyPair)}\n`, { mode: 0o600, flag: "wx" });
  return keyPair;
}
