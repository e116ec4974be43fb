/** The headers of an upload: what is announced to the API, and what of it goes to the store. */
import { createHash } from "node:crypto";
import { CHECKSUMS } from "@s3r/shared/checksum";
import type { SignedRequest } from "../api/resolve.ts";
import { CliError } from "../cli-error.ts";
import { selectHeaders } from "../s3/signed-headers.ts";
import { readThrough, type Source } from "./source.ts";

export interface UploadRequest {
  readonly source: Source;
  readonly key: string;
  readonly contentType: string;
  readonly cacheControl: string | undefined;
  /** By lower-case names, without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Fail when the object is there. */
  readonly noClobber: boolean;
}

export const CRC32_HEADER = CHECKSUMS.CRC32.header;

async function computeMd5(source: Source, signal: AbortSignal): Promise<string> {
  const md5 = createHash("md5");
  await readThrough(source, (chunk) => void md5.update(chunk), signal);
  return md5.digest("base64");
}

/** What the API is told, and the store is to be sent. */
export function announcedHeaders(
  { source, contentType, cacheControl, metadata, noClobber }: UploadRequest,
  crc32: string,
): Record<string, string> {
  return {
    "content-length": String(source.size),
    "content-type": contentType,
    ...(cacheControl === undefined ? {} : { "cache-control": cacheControl }),
    ...(noClobber ? { "if-none-match": "*" } : {}),
    ...Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])),
    [CRC32_HEADER]: crc32,
    // Ceph looks at the checksum only with this beside it.
    "x-amz-sdk-checksum-algorithm": "CRC32",
  };
}

/**
 * Of the announced headers those that the URL covers. A redirector that does not sign checksums still lets
 * the store check an MD5, which need not be signed.
 * @throws CliError UnsafeServer when metadata were asked for and are not signed.
 */
export async function headersToSend(
  signed: SignedRequest,
  source: Source,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const { headers, unsigned } = selectHeaders(signed.url, signed.announced);
  const lost = unsigned.filter((name) => name.startsWith("x-amz-meta-"));
  if (lost.length > 0) {
    throw new CliError("UnsafeServer", "the API does not sign what was asked for", {
      reason: `its URL does not cover ${lost.join(", ")}, and the store would refuse it`,
      hint: "leave --metadata out, or use an s3r API",
    });
  }
  if (!unsigned.includes(CRC32_HEADER)) return headers;
  return { ...headers, "content-md5": await computeMd5(source, signal) };
}
