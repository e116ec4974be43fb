/** Many files up: small ones are read and closed before they are signed, larger ones are opened again when they move. */
import { createChecksumFactory, type Checksum, type ChecksumAlgorithm } from "@s3r/shared/checksum";
import { CliError } from "../cli-error.ts";
import { lookAtFile, type FileLook } from "../files/look-at-file.ts";
import type { ManyUnit } from "./many-units.ts";
import { preparePut, putObject, putQuestion, type PreparedPut } from "./put-object.ts";
import type { SignedAhead } from "./signed-ahead.ts";
import { createBufferSource, openFileSource, type Source } from "./source.ts";
import type { TransferWorld } from "./transfer-world.ts";
import { MULTIPART_THRESHOLD_BYTES, upload } from "./upload.ts";
import type { UploadRequest } from "./upload-headers.ts";
import type { UploadResult } from "./upload-result.ts";

export interface FileToPut {
  readonly path: string;
  /** Everything but the bytes. */
  readonly request: Omit<UploadRequest, "source">;
}

export interface PutListener {
  /** @param milliseconds from when it was begun. */
  done(file: FileToPut, result: UploadResult, milliseconds: number): void;
  failed(file: FileToPut, error: CliError): void;
}

/** A thousand of these are kept at a time. */
const KEPT_BYTES = 32 * 1024;

interface Job {
  readonly file: FileToPut;
  readonly world: TransferWorld;
  readonly listener: PutListener;
}

function assertSame({ name, size, identity }: Source, look: FileLook): void {
  if (size === look.size && identity?.modifiedMilliseconds === look.modifiedMilliseconds) return;
  throw new CliError("LocalIo", `${name} changed while it was being read`, {
    reason: "its size or its time of modification is another one",
    hint: "try again when nothing writes to it",
  });
}

interface Work {
  readonly question: ManyUnit["question"];
  readonly put: (ahead: SignedAhead | undefined) => Promise<UploadResult>;
}

function unitOf({ file, listener }: Job, look: FileLook, { question, put }: Work): ManyUnit {
  return {
    question,
    held: look.bytes?.byteLength ?? 0,
    bytes: look.size,
    async run(ahead) {
      const started = performance.now();
      const result = await put(ahead);
      listener.done(file, result, performance.now() - started);
    },
    fail: (error) => listener.failed(file, error),
  };
}

function keptUnit(job: Job, look: FileLook, bytes: Uint8Array, checksum: Checksum): ManyUnit {
  const { file, world } = job;
  checksum.update(bytes);
  const prepared: PreparedPut = {
    request: { ...file.request, source: createBufferSource(bytes, file.path) },
    checksum: { algorithm: file.request.checksum, value: checksum.digest() },
  };
  return unitOf(job, look, {
    question: putQuestion(prepared),
    put: (ahead) => putObject(prepared, world, ahead),
  });
}

async function reopenedUnit(job: Job, look: FileLook): Promise<ManyUnit> {
  const { file, world } = job;
  await using source = await openFileSource(file.path);
  assertSame(source, look);
  const { checksum, request } = await preparePut({ ...file.request, source }, world.retry.signal);
  return unitOf(job, look, {
    question: putQuestion({ checksum, request }),
    async put(ahead) {
      await using again = await openFileSource(file.path);
      assertSame(again, look);
      return await putObject({ request: { ...file.request, source: again }, checksum }, world, ahead);
    },
  });
}

/** Signs its parts itself. */
function largeUnit(job: Job, look: FileLook): ManyUnit {
  const { file, world } = job;
  return unitOf(job, look, {
    question: undefined,
    async put() {
      await using source = await openFileSource(file.path);
      return await upload({ ...file.request, source }, world);
    },
  });
}

type Checksums = (algorithm: ChecksumAlgorithm) => Checksum;

async function prepare(job: Job, checksums: Checksums): Promise<ManyUnit> {
  const { path, request } = job.file;
  const look = lookAtFile(path, KEPT_BYTES);
  if (look.bytes !== undefined) return keptUnit(job, look, look.bytes, checksums(request.checksum));
  if (look.size > (request.partSize ?? MULTIPART_THRESHOLD_BYTES)) return largeUnit(job, look);
  return await reopenedUnit(job, look);
}

/** For `runMany`. What cannot be read is told to the listener. */
export async function* putUnits(
  files: AsyncIterable<FileToPut> | Iterable<FileToPut>,
  world: TransferWorld,
  listener: PutListener,
): AsyncGenerator<ManyUnit> {
  const checksums = await createChecksumFactory();
  for await (const file of files) {
    try {
      yield await prepare({ file, world, listener }, checksums);
    } catch (error) {
      world.retry.signal.throwIfAborted();
      if (!(error instanceof CliError)) throw error;
      listener.failed(file, error);
    }
  }
}
