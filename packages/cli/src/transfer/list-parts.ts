import { parsePartPage, type StoredPart } from "../s3/multipart-xml.ts";
import { simpleRequest } from "./simple-request.ts";
import type { TransferWorld } from "./transfer-world.ts";

/**
 * The parts of an upload that the store has, by their numbers.
 * @throws CliError NotFound when there is no such upload (any more).
 */
export async function listParts(
  { key, uploadId }: { readonly key: string; readonly uploadId: string },
  world: TransferWorld,
): Promise<ReadonlyMap<number, StoredPart>> {
  const parts = new Map<number, StoredPart>();
  for (let marker: string | undefined = "0"; marker !== undefined;) {
    const query: Record<string, string> = { uploadId, "part-number-marker": marker };
    const page = parsePartPage((await simpleRequest({ name: "ListParts", key, query }, {}, world)).text);
    for (const part of page.parts) parts.set(part.number, part);
    // A marker that does not move on would be asked for for ever.
    marker = Number(page.nextMarker) > Number(marker) ? page.nextMarker : undefined;
  }
  return parts;
}
