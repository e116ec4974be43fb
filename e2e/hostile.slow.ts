/** Clients that do not follow the rules cost the API little, and nobody else anything. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MEBIBYTE } from "./harness/files.ts";
import { curl } from "./harness/run.ts";
import { startServe, startStack, type Served, type Stack } from "./harness/stack.ts";

/**
 * What is read and dropped waits for the garbage collector, which comes when some 64 MiB lie there: 75 to 100 MB more
 * than the idle process has were measured, also with one client.
 */
const GROWTH_BYTES = 128 * MEBIBYTE;

let stack: Stack;
let served: Served;

beforeAll(async () => {
  stack = await startStack();
  served = await startServe(stack, stack.store);
});

afterAll(async () => {
  await served[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
});

/** The most memory that the API has had so far, in bytes (proc(5), VmHWM). */
async function peakMemory(): Promise<number> {
  const status = await readFile(`/proc/${served.process.pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB$/mu.exec(status)?.[1]) * 1024;
}

async function openUpload(length: number): Promise<Socket> {
  const socket = connect({ port: Number(new URL(served.api).port), host: "127.0.0.1", allowHalfOpen: true });
  socket.on("error", () => {}).resume();
  await once(socket, "connect");
  socket.write(`PUT /k HTTP/1.1\r\nHost: h\r\nContent-Length: ${length}\r\n\r\n`);
  return socket;
}

/** Until it takes more, or is gone. */
async function drained(socket: Socket): Promise<void> {
  const others = new AbortController();
  const waits = ["drain", "close"].map((event) => once(socket, event, { signal: others.signal }));
  await Promise.race(waits).catch(() => {});
  // Or their listeners would add up.
  others.abort();
  await Promise.allSettled(waits);
}

/** Writes until the API hangs up; returns how many bytes went. */
async function floodUntilClosed(socket: Socket): Promise<number> {
  const chunk = Buffer.alloc(MEBIBYTE);
  let sent = 0;
  while (!socket.destroyed && sent < 1024 * MEBIBYTE) {
    sent += chunk.byteLength;
    if (!socket.write(chunk)) await drained(socket);
  }
  return sent;
}

describe("a client that ignores the 307", () => {
  it("is cut off after 64 MiB, also with 50 of its kind, while others are served", async () => {
    const idle = await peakMemory();
    const floods = Array.from({ length: 50 }, async () => floodUntilClosed(await openUpload(10 * 1024 * MEBIBYTE)));
    const others = await Promise.all([1, 2, 3].map(() => curl(["-f", "-m", "10", `${served.api}/.s3r/health`])));
    expect(others.map(({ code }) => code)).toEqual([0, 0, 0]);
    // What a client has handed to its socket is ahead of what was read by the buffers between the two.
    for (const sent of await Promise.all(floods)) expect(sent).toBeLessThan(90 * MEBIBYTE);
    expect((await peakMemory()) - idle).toBeLessThan(GROWTH_BYTES);
  });

  it("is cut off after 10 seconds when it trickles", async () => {
    const socket = await openUpload(1_000_000);
    const started = performance.now();
    const closed = new Promise((resolve) => {
      socket.once("close", resolve);
    });
    const trickle = setInterval(() => socket.write("x"), 1000);
    expect(await curl(["-f", "-m", "5", `${served.api}/.s3r/health`])).toMatchObject({ code: 0 });
    await Promise.race([closed, delay(15_000)]);
    clearInterval(trickle);
    expect(performance.now() - started).toBeLessThan(12_500);
    expect(socket.destroyed).toBe(true);
  });
});
