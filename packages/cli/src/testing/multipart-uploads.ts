/** The store's double: uploads in parts, as far as a client can tell. What S3 refuses in them, it refuses. */
import { createHash, randomUUID } from "node:crypto";
import { crc32Base64, storedObject, type StoredObject } from "./stored-object.ts";
import type { Refusal } from "./store-fault.ts";

interface DoublePart {
  readonly bytes: Buffer;
  readonly etag: string;
}

interface DoubleUpload {
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly parts: Map<number, DoublePart>;
}

export interface MultipartAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface MultipartUploads {
  /** By their IDs. */
  readonly open: ReadonlyMap<string, DoubleUpload>;
  create(key: string, headers: Readonly<Record<string, string>>): MultipartAnswer;
  put(uploadId: string, number: number, bytes: Buffer): MultipartAnswer | Refusal;
  list(uploadId: string, marker: number): MultipartAnswer | Refusal;
  complete(uploadId: string, headers: Readonly<Record<string, string>>, body: string): MultipartAnswer | Refusal;
  abort(uploadId: string): MultipartAnswer;
}

const NO_SUCH_UPLOAD: Refusal = { status: 404, code: "NoSuchUpload" };
/** Small, so that paging shows. */
const PAGE = 3;

function kept(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => /^(?:content-type|cache-control|x-amz-meta-.*)$/u.test(name)),
  );
}

function listedParts(body: string): { number: number; etag: string }[] {
  return [...body.matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>([^<]*)<\/ETag>/gu)].map(([, number, etag = ""]) => ({
    number: Number(number),
    etag: etag.replaceAll("&quot;", '"'),
  }));
}

function refusalOf(bytes: Buffer, headers: Readonly<Record<string, string>>): Refusal | undefined {
  if (headers["x-amz-mp-object-size"] !== String(bytes.byteLength)) return { status: 400, code: "InvalidRequest" };
  const claimed = headers["x-amz-checksum-crc32"] ?? crc32Base64(bytes);
  return claimed === crc32Base64(bytes) ? undefined : { status: 400, code: "BadDigest" };
}

function etagOf(parts: readonly DoublePart[]): string {
  const hashes = parts.map(({ etag }) => etag.replaceAll('"', "")).join("");
  return `"${createHash("md5").update(Buffer.from(hashes, "hex")).digest("hex")}-${parts.length}"`;
}

function pageOf(upload: DoubleUpload, marker: number): string {
  const behind = [...upload.parts].filter(([number]) => number > marker).toSorted(([a], [b]) => a - b);
  const page = behind.slice(0, PAGE);
  const parts = page.map(
    ([number, { bytes, etag }]) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>${etag.replaceAll('"', "&quot;")}</ETag><Size>${bytes.byteLength}</Size><ChecksumCRC32>${crc32Base64(bytes)}</ChecksumCRC32></Part>`,
  );
  const more = `<IsTruncated>${behind.length > PAGE}</IsTruncated><NextPartNumberMarker>${page.at(-1)?.[0] ?? 0}</NextPartNumberMarker>`;
  return `<ListPartsResult>${more}${parts.join("")}</ListPartsResult>`;
}

/** The object of the listed parts, or why there is none. */
function assemble(
  upload: DoubleUpload,
  headers: Readonly<Record<string, string>>,
  body: string,
): StoredObject | Refusal {
  const parts = listedParts(body).map(({ number, etag }) => {
    const part = upload.parts.get(number);
    return part?.etag === etag ? part : undefined;
  });
  const whole = parts.filter((part) => part !== undefined);
  if (whole.length < parts.length || whole.length === 0) return { status: 400, code: "InvalidPart" };
  const bytes = Buffer.concat(whole.map((part) => part.bytes));
  return refusalOf(bytes, headers) ?? { ...storedObject(bytes, kept(upload.headers)), etag: etagOf(whole) };
}

export function createMultipartUploads(objects: Map<string, StoredObject>): MultipartUploads {
  const open = new Map<string, DoubleUpload>();

  function complete(
    uploadId: string,
    headers: Readonly<Record<string, string>>,
    body: string,
  ): MultipartAnswer | Refusal {
    const upload = open.get(uploadId);
    if (upload === undefined) return NO_SUCH_UPLOAD;
    if (headers["if-none-match"] === "*" && objects.has(upload.key)) return { status: 412, code: "PreconditionFailed" };
    const object = assemble(upload, headers, body);
    if ("code" in object) return object;
    objects.set(upload.key, object);
    open.delete(uploadId);
    const text = `<?xml version="1.0"?>\n<CompleteMultipartUploadResult><ETag>${object.etag}</ETag></CompleteMultipartUploadResult>`;
    return { status: 200, body: text };
  }

  return {
    open,
    create(key, headers) {
      const uploadId = randomUUID();
      open.set(uploadId, { key, headers, parts: new Map() });
      return {
        status: 200,
        body: `<InitiateMultipartUploadResult><UploadId>${uploadId}</UploadId></InitiateMultipartUploadResult>`,
      };
    },
    put(uploadId, number, bytes) {
      const upload = open.get(uploadId);
      if (upload === undefined) return NO_SUCH_UPLOAD;
      const etag = `"${createHash("md5").update(bytes).digest("hex")}"`;
      upload.parts.set(number, { bytes, etag });
      return { status: 200, headers: { etag, "x-amz-checksum-crc32": crc32Base64(bytes) } };
    },
    list(uploadId, marker) {
      const upload = open.get(uploadId);
      if (upload === undefined) return NO_SUCH_UPLOAD;
      return { status: 200, body: pageOf(upload, marker) };
    },
    complete,
    abort(uploadId) {
      open.delete(uploadId);
      return { status: 204 };
    },
  };
}
