import { writeSync } from "node:fs";

/** @returns what could not be written now. */
function writeNow(bytes: Uint8Array): Uint8Array {
  let rest = bytes;
  try {
    while (rest.byteLength > 0) rest = rest.subarray(writeSync(1, rest));
  } catch {
    // A full pipe that does not block (EAGAIN), or no reader.
  }
  return rest;
}

/**
 * Writes to stdout before it returns, and without `process.stdout`, whose first use loads sockets at a cold start.
 * Once something could not be written at once, `process.stdout` takes over: it waits, and keeps the order.
 */
export function createStdoutWriter(): (text: string) => void {
  let isBehind = false;

  return function write(text) {
    const bytes = Buffer.from(text);
    const rest = isBehind ? bytes : writeNow(bytes);
    if (rest.byteLength === 0) return;
    isBehind = true;
    process.stdout.write(rest);
  };
}
