/** A source on its way to the store, once. What is left behind matters to the attempts after it. */
import { setTimeout as delay } from "node:timers/promises";
import type { S3Message, S3Response } from "../s3/send.ts";
import { giveBackReadBuffers } from "./read-buffers.ts";
import { bodyBuffers, readAsBody, type Source } from "./source.ts";
import type { TransferWorld } from "./transfer-world.ts";

/** What the attempts before have left behind. */
export interface History {
  /** The store may have the object, though it has not said so. */
  mayBeStored: boolean;
  /** The connection broke while the body was on its way. */
  wasCutOff: boolean;
}

export interface Sending {
  readonly source: Source;
  /** Bytes of it that have gone so far in this attempt. */
  readonly onSent: (bytes: number) => void;
  /** Shown every chunk before it goes. */
  readonly onChunk?: (chunk: Uint8Array) => void;
  readonly history: History;
}

/** All of it may have arrived, and what the server did with it is not known (RFC 9110 15.6). */
const UNCERTAIN: ReadonlySet<number> = new Set([500, 502, 504]);

/** In one piece: whether it has gone is known by the answer alone. */
async function sendWhole(
  { bytes, onSent, history }: Pick<Sending, "onSent" | "history"> & { readonly bytes: Uint8Array },
  message: S3Message,
  { send, lanes }: TransferWorld,
): Promise<S3Response> {
  try {
    const answer = await send({ ...message, body: bytes });
    lanes.moved(bytes.byteLength);
    onSent(bytes.byteLength);
    return answer;
  } catch (error) {
    history.wasCutOff = true;
    history.mayBeStored = true;
    throw error;
  }
}

async function sendInPieces(
  { source, onSent, onChunk, history }: Sending,
  message: S3Message,
  { send, lanes, patienceMilliseconds }: TransferWorld,
): Promise<S3Response> {
  const answered = new AbortController();
  const wait = async (): Promise<void> => {
    await delay(patienceMilliseconds, undefined, { signal: answered.signal }).catch(() => {});
  };
  let sent = 0;
  const advance = (bytes: number): void => {
    lanes.moved(bytes - sent);
    sent = bytes;
    onSent(bytes);
  };
  try {
    const hold = history.wasCutOff ? wait : undefined;
    const buffers = bodyBuffers(source);
    const body = source.size === 0 ? {} : { body: readAsBody(source, { onSent: advance, onChunk, hold, buffers }) };
    const answer = await send({ ...message, ...body });
    // An answer that came early has left bytes on their way.
    if (answer.status < 300 && sent === source.size) giveBackReadBuffers(buffers);
    return answer;
  } catch (error) {
    history.wasCutOff = sent < source.size;
    history.mayBeStored ||= sent === source.size;
    throw error;
  } finally {
    if (history.wasCutOff) answered.abort();
  }
}

/**
 * A store that refuses by the head and closes resets the connection, and the reset overtakes its answer
 * (undici sees ECONNRESET in a third to two thirds of such uploads). So the body of the next attempt waits a little for it.
 */
export async function sendBody(sending: Sending, message: S3Message, world: TransferWorld): Promise<S3Response> {
  const { source, onSent, onChunk, history } = sending;
  const { bytes } = source;
  const isWhole = bytes !== undefined && source.size > 0 && onChunk === undefined && !history.wasCutOff;
  const answer = await (isWhole
    ? sendWhole({ bytes, onSent, history }, message, world)
    : sendInPieces(sending, message, world));
  history.mayBeStored ||= UNCERTAIN.has(answer.status);
  return answer;
}
