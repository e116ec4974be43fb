import { CHECKSUMS } from "@s3r/shared/checksum";
import { CliError } from "../cli-error.ts";
import { parseUploadId } from "../s3/multipart-xml.ts";
import { toS3Error } from "../s3/s3-error.ts";
import { selectHeaders } from "../s3/signed-headers.ts";
import { runUnit } from "./run-unit.ts";
import type { TransferWorld } from "./transfer-world.ts";
import { objectHeaders, type UploadRequest } from "./upload-headers.ts";

/** A full-object checksum where there can be one of parts: it is the one that a download can be held against. */
export function checksumTypeOf({ checksum }: Pick<UploadRequest, "checksum">): "FULL_OBJECT" | "COMPOSITE" {
  return CHECKSUMS[checksum].multipartTypes.includes("FULL_OBJECT") ? "FULL_OBJECT" : "COMPOSITE";
}

/**
 * Begins an upload in parts.
 * @returns its ID; nothing where the API signs no batches, as a bare redirector: it has no uploads in parts either.
 * @throws CliError
 */
export async function createUpload(request: UploadRequest, world: TransferWorld): Promise<string | undefined> {
  const announced = {
    ...objectHeaders(request),
    "x-amz-checksum-algorithm": request.checksum,
    "x-amz-checksum-type": checksumTypeOf(request),
  };
  const operation = { name: "CreateMultipartUpload", key: request.key, query: { uploads: "" } } as const;
  return await runUnit(world, async () => {
    const outcomes = await world.signBatch([{ operation, announced }]);
    const signed = outcomes?.[0];
    if (signed === undefined) return undefined;
    if (signed instanceof CliError) throw signed;
    const { headers } = selectHeaders(signed.url, signed.announced);
    const { status, headers: answered, text } = await world.send({ method: signed.method, url: signed.url, headers });
    if (status < 200 || status >= 300)
      throw toS3Error({ status, headers: answered, body: text }, `POST ${request.key}`, world.now());
    return parseUploadId(text);
  });
}
