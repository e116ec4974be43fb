/** One object up, the way its size asks for. */
import { MAX_SINGLE_PUT_BYTES } from "@s3r/shared";
import { uploadInParts } from "./multipart-upload.ts";
import { assertPlannable } from "./part-plan.ts";
import { preparePut, putObject } from "./put-object.ts";
import type { Source } from "./source.ts";
import { tooLargeForOnePut } from "./too-large.ts";
import type { TransferWorld } from "./transfer-world.ts";
import type { UploadRequest } from "./upload-headers.ts";
import type { UploadResult } from "./upload-result.ts";

/** What is larger goes up in parts: several connections are faster than one, and less is sent again when one breaks. */
export const MULTIPART_THRESHOLD_BYTES = 64 * 1024 ** 2;

/** @throws CliError Usage before any byte moves. */
export function assertUploadable({ name, size }: Pick<Source, "name" | "size">): void {
  assertPlannable(name, size);
}

/** @throws CliError */
export async function upload(request: UploadRequest, world: TransferWorld): Promise<UploadResult> {
  const { source, partSize = MULTIPART_THRESHOLD_BYTES } = request;
  assertUploadable(source);
  if (source.size > partSize) {
    const result = await uploadInParts(request, world);
    if (result !== undefined) return result;
    if (source.size > MAX_SINGLE_PUT_BYTES) throw tooLargeForOnePut(source);
  }
  return await putObject(await preparePut(request, world.retry.signal), world);
}
