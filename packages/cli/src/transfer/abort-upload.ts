import { CliError } from "../cli-error.ts";
import { simpleRequest } from "./simple-request.ts";
import type { TransferWorld } from "./transfer-world.ts";

/** Gives back what the store keeps of an upload that will not be completed. One that is not there is no error. */
export async function abortUpload(
  { key, uploadId }: { readonly key: string; readonly uploadId: string },
  world: TransferWorld,
): Promise<void> {
  try {
    await simpleRequest({ name: "AbortMultipartUpload", key, query: { uploadId } }, {}, world);
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== "NotFound") throw error;
  }
}
