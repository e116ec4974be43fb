/** A TCP proxy that keeps the heads of the requests that pass: what a server got, byte for byte. */
import { connect, createServer, type Socket } from "node:net";

export interface Recorder extends AsyncDisposable {
  readonly port: number;
  /** All request heads so far, as sent. */
  heads(): readonly string[];
  /** All bytes that clients sent. */
  bytes(): number;
  /** Lets this many bytes of a connection's request through, then resets both sides. */
  cutAfter(bytes: number | undefined): void;
}

/** Bytes kept of each connection. */
const KEPT_BYTES = 256 * 1024;

const HEAD = /(?:GET|HEAD|PUT|POST|DELETE|OPTIONS) \S+ HTTP\/1\.1\r\n(?:[^\r\n]+\r\n)+/gu;

export async function startRecorder(targetPort: number): Promise<Recorder> {
  const kept: { text: string }[] = [];
  const sockets = new Set<Socket>();
  let total = 0;
  let limit: number | undefined;

  const server = createServer((client) => {
    const record = { text: "" };
    let sent = 0;
    kept.push(record);
    const target = connect(targetPort, "127.0.0.1");
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
    }
    client.on("data", (chunk: Buffer) => {
      total += chunk.byteLength;
      sent += chunk.byteLength;
      if (record.text.length < KEPT_BYTES) record.text += chunk.toString("latin1");
      if (limit !== undefined && sent > limit) {
        client.resetAndDestroy();
        target.resetAndDestroy();
      }
    });
    client.pipe(target).pipe(client);
    client.on("error", () => target.destroy());
    target.on("error", () => client.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("the recorder listens on no port");

  return {
    port: address.port,
    heads: () => kept.flatMap(({ text }) => text.match(HEAD) ?? []),
    bytes: () => total,
    cutAfter: (bytes) => {
      limit = bytes;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
