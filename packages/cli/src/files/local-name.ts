/**
 * Keys as paths below a directory. Keys come from a store's listing, and a hostile or careless one must not reach anything outside of the
 * directory, or another name than its own (Zip Slip; CWE-22).
 */
import { parseObjectKey, ProtocolError } from "@s3r/shared";
import { CliError } from "../cli-error.ts";
import { compareKeys } from "./compare-keys.ts";

export type Platform = "posix" | "windows";

function unsafe(key: string, reason: string): CliError {
  return new CliError("UnsafeServer", `the store lists ${JSON.stringify(key)}, which is no name for a file`, {
    reason,
    hint: "it was left out; ask the API's operator how it came there",
  });
}

function unholdable(key: string, reason: string): CliError {
  return new CliError("LocalIo", `${JSON.stringify(key)} cannot be a file here`, {
    reason,
    hint: `get it alone, under another name: s3r get ${key} NAME`,
  });
}

/** https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file */
const RESERVED = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00B9\u00B2\u00B3])(?:[ .]|$)/iu;

function complainForWindows(name: string): string | undefined {
  if (/[<>:"|?*]/u.test(name)) return `\`${name}\` has a character that file names on Windows cannot have`;
  if (/[ .]$/u.test(name)) return `Windows would drop the end of \`${name}\``;
  return RESERVED.test(name) ? `\`${name}\` is a device on Windows` : undefined;
}

/**
 * @param prefix what was asked for: empty, or with a `/` at its end.
 * @returns the key's names below it, from the directory down.
 * @throws CliError UnsafeServer for what is no object key below the prefix, LocalIo for what this system cannot hold.
 */
export function toLocalNames(key: string, prefix: string, platform: Platform): readonly string[] {
  try {
    parseObjectKey(key);
  } catch (error) {
    if (error instanceof ProtocolError) throw unsafe(key, error.message);
    throw error;
  }
  if (!key.startsWith(prefix)) throw unsafe(key, `it does not begin with ${prefix}, which was asked for`);
  const names = key.slice(prefix.length).split("/");
  if (platform === "windows") {
    const complaint = names.map(complainForWindows).find((each) => each !== undefined);
    if (complaint !== undefined) throw unholdable(key, complaint);
  }
  return names;
}

/** What names of one file have in common where case, and how accents are composed, makes no other file. */
function fold(path: string): string {
  return path.normalize("NFC").toUpperCase().toLowerCase().normalize("NFC");
}

/** Finds the second of two keys whose paths a file system cannot tell apart. */
export function createClashDetector(isCaseSensitive: boolean): (key: string) => void {
  const taken = new Map<string, string>();
  return (key) => {
    if (isCaseSensitive) return;
    const folded = fold(key);
    const other = taken.get(folded);
    if (other !== undefined && other !== key)
      throw unholdable(key, `this file system takes it for the same name as ${JSON.stringify(other)}`);
    taken.set(folded, key);
  };
}

/**
 * Finds a key that would need a folder where another one is a file, as `a` and `a/b`, in keys that come in the order of listings: the first of them is
 * kept. It remembers only the files that such a key could still come for.
 */
export function createFolderDetector(): (key: string) => void {
  let files: string[] = [];
  return (key) => {
    // `0` comes right after `/`.
    files = files.filter((file) => compareKeys(key, `${file}0`) < 0);
    const file = files.find((each) => key.startsWith(`${each}/`));
    if (file !== undefined)
      throw unholdable(key, `${JSON.stringify(file)} is a file, and this would need a folder there`);
    files.push(key);
  };
}
