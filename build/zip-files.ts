/** An archive that Lambda takes. The same files make the same bytes, so that nothing is deployed that did not change. */
import { zipSync } from "fflate";

/** The first that a ZIP file can say. */
const MODIFIED = new Date(1980, 0, 1);
/** `rw-r--r--` for Unix (APPNOTE 4.4.15): the function runs as another user. */
const UNIX = 3;
const READABLE = 0o100644 << 16;

export function zipFiles(files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  return zipSync({ ...files }, { level: 9, mtime: MODIFIED, os: UNIX, attrs: READABLE });
}
