/** Keys that something on the way might mangle. */
export const AWKWARD_KEYS: readonly string[] = [
  "a b",
  "a+b",
  "100%",
  "~x",
  "é",
  "日本語",
  "😀",
  "(1).txt",
  "a&b=c",
  "a?b",
  "a#b",
  "k".repeat(1024),
];

/** The key as a URL's path, escaped by rules of its own: every byte but letters, digits and `/`. */
export function keyPath(key: string): string {
  return Array.from(Buffer.from(key, "utf8"), (byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9/]/u.test(character) ? character : `%${byte.toString(16).padStart(2, "0").toUpperCase()}`;
  }).join("");
}
