/** The headers of an upload: what is announced to the API, and what of it goes to the store. */
import { createHash } from "node:crypto";
import { CHECKSUMS, type ChecksumAlgorithm } from "@s3r/shared/checksum";
import type { SignedRequest } from "../api/resolve.ts";
import { CliError } from "../cli-error.ts";
import { selectHeaders } from "../s3/signed-headers.ts";
import type { ObjectChecksum } from "../s3/object-checksum.ts";
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
  /** Which checksum the store is to verify and keep. */
  readonly checksum: ChecksumAlgorithm;
  /** Of the parts of what is large, in bytes; chosen by the size otherwise. */
  readonly partSize: number | undefined;
}

async function computeMd5(source: Source, signal: AbortSignal): Promise<string> {
  const md5 = createHash("md5");
  await readThrough(source, (chunk) => void md5.update(chunk), signal);
  return md5.digest("base64");
}

/** What is kept with the object, whichever way it goes up. */
export function objectHeaders({ contentType, cacheControl, metadata }: UploadRequest): Record<string, string> {
  return {
    "content-type": contentType,
    ...(cacheControl === undefined ? {} : { "cache-control": cacheControl }),
    ...Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])),
  };
}

/** What the API is told of a PUT, and the store is to be sent. */
export function putHeaders(request: UploadRequest, { algorithm, value }: ObjectChecksum): Record<string, string> {
  return {
    ...objectHeaders(request),
    "content-length": String(request.source.size),
    ...(request.noClobber ? { "if-none-match": "*" } : {}),
    [CHECKSUMS[algorithm].header]: value,
    // Ceph looks at the checksum only with this beside it.
    "x-amz-sdk-checksum-algorithm": algorithm,
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
  if (!unsigned.some((name) => name.startsWith("x-amz-checksum-"))) return headers;
  return { ...headers, "content-md5": await computeMd5(source, signal) };
}
