import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";

const MODULE = new URL("create-stdout-writer.ts", import.meta.url).href;
/** 1.1 MB: more than the pipe and the reader's own buffer hold together. */
const LINES = 20_000;

/** A process that writes more than a pipe holds, while nobody reads for a while. */
async function writeMany(before: string): Promise<string> {
  const script = `
    import { createStdoutWriter } from ${JSON.stringify(MODULE)};
    ${before}
    const write = createStdoutWriter();
    for (let line = 0; line < ${LINES}; line += 1) write(line + " " + "x".repeat(50) + "\\n");
  `;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await setTimeout(300);
  const [said] = await Promise.all([text(child.stdout), once(child, "close")]);
  return said;
}

describe("createStdoutWriter", () => {
  it.each([
    ["blocks", ""],
    // Node opens a pipe without blocking as soon as it is a stream.
    ["does not block", "process.stdout;"],
  ])("writes every line in its order on a full pipe that %s", async (_name, before) => {
    const lines = (await writeMany(before)).trimEnd().split("\n");
    expect(lines.map((line) => Number(line.split(" ")[0]))).toEqual(Array.from({ length: LINES }, (_, line) => line));
  });
});
