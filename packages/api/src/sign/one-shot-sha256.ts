/**
 * SHA-256 and HMAC-SHA-256 in the shape that the SDK's signer asks for, on Node's one-shot `hash`.
 * The signer makes two HMACs for each URL; `createHmac` spends most of its time on making a key object.
 */
import { hash } from "node:crypto";

type Data = string | ArrayBuffer | ArrayBufferView;

/** RFC 2104 2: the block length of SHA-256, in bytes. */
const BLOCK_BYTES = 64;

function toBuffer(data: Data): Buffer {
  if (typeof data === "string") return Buffer.from(data, "utf8");
  if (data instanceof ArrayBuffer) return Buffer.from(data);
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

function sha256(data: Buffer): Buffer {
  return hash("sha256", data, "buffer");
}

/** RFC 2104 2: the key, filled up with zeros to a block, with every byte XORed. */
function pad(key: Buffer, mask: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES, mask);
  for (const [index, byte] of key.entries()) block[index] = byte ^ mask;
  return block;
}

function hmac(secret: Buffer, data: Buffer): Buffer {
  const key = secret.byteLength > BLOCK_BYTES ? sha256(secret) : secret;
  const inner = sha256(Buffer.concat([pad(key, 0x36), data]));
  return sha256(Buffer.concat([pad(key, 0x5c), inner]));
}

export class OneShotSha256 {
  readonly #secret: Buffer | undefined;
  #data: Buffer[] = [];

  constructor(secret?: Data) {
    this.#secret = secret === undefined ? undefined : toBuffer(secret);
  }

  update(data: Data): void {
    this.#data.push(toBuffer(data));
  }

  digest(): Promise<Uint8Array> {
    const data = Buffer.concat(this.#data);
    return Promise.resolve(this.#secret === undefined ? sha256(data) : hmac(this.#secret, data));
  }

  reset(): void {
    this.#data = [];
  }
}
