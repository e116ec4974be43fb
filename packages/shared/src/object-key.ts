/**
 * Object keys: what is accepted, what is refused and why. Nothing is repaired or normalised, because a
 * repaired key is another key; whatever HTTP clients would rewrite on the way is refused instead.
 */
import { ProtocolError } from "./error-code.ts";
import { MAX_KEY_BYTES } from "./limits.ts";

/** The first segment of the paths that s3r keeps for itself. */
export const RESERVED_SEGMENT = ".s3r";

const utf8 = new TextEncoder();

function byteLength(text: string): number {
  return utf8.encode(text).byteLength;
}

function refuse(reason: string): never {
  throw new ProtocolError("InvalidKey", reason);
}

/**
 * Percent-decodes a path or a query value exactly once, as strict UTF-8.
 * @throws ProtocolError InvalidKey for anything that is not percent-encoded ASCII of valid UTF-8.
 */
export function percentDecodeOnce(encoded: string): string {
  // A `#` never reaches a server from a correct client, and raw bytes above ASCII have no defined encoding (RFC 3986 2).
  if (!/^[\x21\x22\x24-\x7e]*$/u.test(encoded)) {
    refuse("the path holds a raw space, a `#`, a control or a non-ASCII character: percent-encode it as UTF-8");
  }
  try {
    return decodeURIComponent(encoded);
  } catch {
    return refuse("the path is not valid percent-encoded UTF-8: encode a literal `%` as `%25`");
  }
}

/** Percent-encodes all but RFC 3986's unreserved characters, as SigV4 does, so that no client has a reason to rewrite it. */
export function percentEncode(text: string): string {
  const encoded = encodeURIComponent(text);
  // Most texts hold none of the five that encodeURIComponent leaves, and looking is cheaper than replacing.
  return /[!'()*]/u.test(encoded) ? encoded.replaceAll(/[!'()*]/gu, escapeCharacter) : encoded;
}

function escapeCharacter(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

function checkSegments(segments: readonly string[]): void {
  for (const segment of segments) {
    // curl, browsers and undici collapse dot segments, also when they are escaped: such a key cannot survive a redirect.
    if (segment === "." || segment === "..") {
      refuse(`a \`${segment}\` segment is not allowed: HTTP clients would resolve it to another key`);
    }
    if (segment === "") {
      refuse("an empty segment (`//`, a leading or a trailing `/`) is not allowed");
    }
  }
}

function checkCharacters(key: string): void {
  // U+0000 to U+001F, U+007F and the C1 controls.
  if (/\p{Cc}/u.test(key)) refuse("control characters are not allowed in a key");
  if (key.includes("\\")) refuse("a backslash is not allowed: HTTP clients turn it into `/`");
  if (!key.isWellFormed()) refuse("the key is not well-formed Unicode");
}

function checkLength(key: string, keyPrefix: string): void {
  const bytes = byteLength(keyPrefix) + byteLength(key);
  if (bytes > MAX_KEY_BYTES) {
    const prefixNote = keyPrefix === "" ? "" : `, ${byteLength(keyPrefix)} of them this API's key prefix`;
    refuse(`the key is too long: ${bytes} bytes of UTF-8${prefixNote}, of at most ${MAX_KEY_BYTES}`);
  }
}

function checkReserved(segments: readonly string[]): void {
  if (segments[0] === RESERVED_SEGMENT) {
    refuse(`keys under \`${RESERVED_SEGMENT}/\` are reserved`);
  }
}

/**
 * Checks a decoded object key and returns it unchanged.
 * @param keyPrefix what the deployment puts before every key; it counts towards the 1,024 bytes.
 * @throws ProtocolError InvalidKey with the reason.
 */
export function parseObjectKey(key: string, keyPrefix = ""): string {
  if (key === "") refuse("the key is empty: name the object in the path, as in `/folder/file.txt`");
  const segments = key.split("/");
  checkSegments(segments);
  checkCharacters(key);
  checkReserved(segments);
  checkLength(key, keyPrefix);
  return key;
}

/**
 * Checks a decoded prefix for a listing: as an object key, but it may be empty and may end in `/`.
 * @throws ProtocolError InvalidKey with the reason.
 */
export function parsePrefix(prefix: string, keyPrefix = ""): string {
  if (prefix === "") return prefix;
  const segments = prefix.split("/");
  checkSegments(prefix.endsWith("/") ? segments.slice(0, -1) : segments);
  checkCharacters(prefix);
  checkReserved(segments);
  checkLength(prefix, keyPrefix);
  return prefix;
}

/** `a b/ü` → `a%20b/%C3%BC`: the key as a path, without the leading `/`. */
export function encodeObjectKey(key: string): string {
  return key.split("/").map(percentEncode).join("/");
}
