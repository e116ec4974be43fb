/** DeleteObject, and DeleteObjects for the tools that clean up in bulk. */
import { holdDigests, openBodyChecksum } from "../body/checksums.ts";
import { checkWriteConditions } from "../conditions.ts";
import type { S3Answer, S3Request } from "../s3-request.ts";
import { formatXml } from "../xml/format-xml.ts";
import { deleteSchema, parseXmlBody } from "../xml/parse-xml.ts";
import type { OperationContext } from "./context.ts";

export async function deleteObject(
  { storage }: OperationContext,
  { bucket, key, headers }: S3Request,
): Promise<S3Answer> {
  await storage.changeObject(bucket, key, (current) => {
    checkWriteConditions(headers, current);
    return undefined;
  });
  return { status: 204 };
}

export async function deleteObjects({ storage }: OperationContext, request: S3Request): Promise<S3Answer> {
  const { bucket, headers } = request;
  const body = holdDigests(request, await openBodyChecksum(headers));
  const { Delete } = await parseXmlBody(deleteSchema, body);
  for (const { Key } of Delete.Object) await storage.changeObject(bucket, Key, () => undefined);
  const deleted = Delete.Quiet === "true" ? [] : Delete.Object.map(({ Key }) => ({ Key }));
  return { status: 200, body: formatXml("DeleteResult", { Deleted: deleted }) };
}
