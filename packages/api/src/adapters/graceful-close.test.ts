import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { openSocket, readAnswer } from "../testing/raw-http.ts";
import { prepareClose, type CloseTimes } from "./graceful-close.ts";
import { listen } from "./listen.ts";

const TIMES: CloseTimes = { idleMilliseconds: 150, graceMilliseconds: 1500 };
const ASK = "GET /k HTTP/1.1\r\nHost: h\r\n\r\n";

interface Served {
  readonly server: Server;
  readonly port: number;
  readonly close: () => Promise<void>;
}

async function serve(answer: (response: ServerResponse) => void, times = TIMES): Promise<Served> {
  const server = createServer((_request, response) => answer(response));
  const close = prepareClose(server, times);
  return { server, port: await listen(server, 0, "127.0.0.1"), close };
}

function ok(response: ServerResponse): void {
  response.end("ok");
}

/** One answer on a connection that goes on. */
async function askOnce(socket: Socket): Promise<string> {
  socket.write(ASK);
  const [chunk]: unknown[] = await once(socket, "data");
  return String(chunk);
}

async function secondsOf(task: Promise<unknown>): Promise<number> {
  const started = performance.now();
  await task;
  return (performance.now() - started) / 1000;
}

describe("prepareClose", () => {
  it("closes a server that nobody uses at once, and accepts nobody any more", async () => {
    const { port, close } = await serve(ok);
    expect(await secondsOf(close())).toBeLessThan(0.1);
    await expect(openSocket(port)).rejects.toThrow("ECONNREFUSED");
  });

  it("answers what it was at when it was told, and says that the connection ends", async () => {
    const { port, close } = await serve((response) => setTimeout(() => ok(response), 400));
    const socket = await openSocket(port);
    socket.write(ASK);
    await delay(50);
    const [answer] = await Promise.all([readAnswer(socket), close()]);
    expect(answer).toMatchObject({ status: 200, body: "ok", ended: true });
    expect(answer.headers["connection"]).toBe("close");
  });

  it("answers one more request on an idle connection, then ends it", async () => {
    const { port, close } = await serve(ok);
    const socket = await openSocket(port);
    expect(await askOnce(socket)).toMatch(/Connection: keep-alive/u);
    const closed = close();
    await delay(50);
    socket.write(ASK);
    expect(await readAnswer(socket)).toMatchObject({ status: 200, ended: true, headers: { connection: "close" } });
    expect(await secondsOf(closed)).toBeLessThan(0.5);
  });

  it("ends connections that ask nothing, also those that never did, when their time is over", async () => {
    const { port, close } = await serve(ok);
    const [asked, silent] = [await openSocket(port), await openSocket(port)];
    await askOnce(asked);
    const ended = Promise.all([asked, silent].map((socket) => once(socket, "end")));
    for (const socket of [asked, silent]) socket.resume().once("end", () => socket.end());
    const seconds = await secondsOf(close());
    await ended;
    expect(seconds).toBeGreaterThan(0.1);
    expect(seconds).toBeLessThan(0.5);
  });

  it("does not take a connection for idle on which half a request has come", async () => {
    const { port, close } = await serve(ok);
    const socket = await openSocket(port);
    await askOnce(socket);
    socket.write(ASK.slice(0, 20));
    await delay(50);
    const closed = close();
    await delay(400);
    socket.write(ASK.slice(20));
    expect(await readAnswer(socket)).toMatchObject({ status: 200, ended: true });
    await closed;
  });

  it("cuts off what does not end", async () => {
    const { port, close } = await serve(() => {}, { idleMilliseconds: 50, graceMilliseconds: 300 });
    const socket = await openSocket(port);
    socket.write(ASK);
    socket.on("error", () => {});
    await delay(50);
    const seconds = await secondsOf(close());
    expect(seconds).toBeGreaterThan(0.25);
    expect(seconds).toBeLessThan(1);
  });
});
