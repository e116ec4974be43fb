import { createServer, type Server } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { openSocket, readAnswer } from "../testing/raw-http.ts";
import { listen } from "./listen.ts";
import { createDrain, DRAIN_LIMITS, hasBody, type DrainLimits } from "./drain-request.ts";

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** A server that answers 307 at once and drains; it counts what arrives on its sockets. */
async function startDraining(limits: Partial<DrainLimits>): Promise<{ port: number; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const drainRequest = createDrain({ ...DRAIN_LIMITS, ...limits });
  const server = createServer((request, response) => {
    if (hasBody(request)) drainRequest(request, response);
    response.writeHead(307, { location: "http://localhost/", "content-length": 10 }).end("elsewhere\n");
  });
  server.on("connection", (socket) => void sockets.push(socket));
  servers.push(server);
  return { port: await listen(server, 0, "127.0.0.1"), sockets };
}

const MEBIBYTE = 1024 ** 2;

describe("createDrain", () => {
  it("answers at once, half-closes, and reads the body to its end", async () => {
    const { port, sockets } = await startDraining({ bytes: 64 * MEBIBYTE, milliseconds: 5000 });
    const socket = await openSocket(port);
    socket.write(`PUT /k HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: ${4 * MEBIBYTE}\r\n\r\n`);
    expect(await readAnswer(socket)).toMatchObject({ status: 307, body: "elsewhere\n", ended: true });

    const sender = await openSocket(port);
    sender.write(`PUT /k HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: ${4 * MEBIBYTE}\r\n\r\n`);
    await new Promise<void>((resolve, reject) => {
      sender.once("error", reject);
      sender.end(Buffer.alloc(4 * MEBIBYTE), resolve);
    });
    await expect.poll(() => sockets[1]?.bytesRead).toBeGreaterThanOrEqual(4 * MEBIBYTE);
  });

  it("stops reading at its limit of bytes", async () => {
    const { port, sockets } = await startDraining({ bytes: MEBIBYTE, milliseconds: 5000 });
    const socket = await openSocket(port);
    socket.on("error", () => {});
    socket.write(`PUT /k HTTP/1.1\r\nHost: h\r\nContent-Length: ${64 * MEBIBYTE}\r\n\r\n`);
    const closed = new Promise((resolve) => {
      socket.once("close", resolve);
    });
    for (let sent = 0; sent < 64 && !socket.destroyed; sent += 1) {
      if (!socket.write(Buffer.alloc(MEBIBYTE))) await Promise.race([closed, delay(20)]);
    }
    await closed;
    expect(sockets[0]?.bytesRead).toBeLessThan(4 * MEBIBYTE);
  });

  it("stops waiting at its limit of time, however slowly the body trickles in", async () => {
    const { port } = await startDraining({ bytes: MEBIBYTE, milliseconds: 200 });
    const socket = await openSocket(port);
    socket.on("error", () => {});
    socket.write("PUT /k HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n");
    const trickle = setInterval(() => socket.write("x"), 20);
    const started = performance.now();
    await new Promise((resolve) => {
      socket.resume().once("close", resolve);
    });
    clearInterval(trickle);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it("reads no faster than its pace, however many send", async () => {
    const { port, sockets } = await startDraining({ bytesPerSecond: 4 * MEBIBYTE });
    const senders = await Promise.all([1, 2, 3].map(() => openSocket(port)));
    for (const sender of senders) {
      sender.on("error", () => {});
      sender.write(`PUT /k HTTP/1.1\r\nHost: h\r\nContent-Length: ${64 * MEBIBYTE}\r\n\r\n`);
      sender.write(Buffer.alloc(16 * MEBIBYTE));
    }
    await delay(500);
    const read = sockets.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
    for (const sender of senders) sender.destroy();
    expect(read).toBeGreaterThan(MEBIBYTE / 2);
    expect(read).toBeLessThan(16 * MEBIBYTE);
  });
});
