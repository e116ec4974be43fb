import { randomBytes } from "node:crypto";

/** Credentials for a server that lives for one run. */
export function createKeyPair(): { readonly accessKeyId: string; readonly secretAccessKey: string } {
  return {
    accessKeyId: `AKIA${randomBytes(8).toString("hex").toUpperCase()}`,
    secretAccessKey: randomBytes(20).toString("hex"),
  };
}
