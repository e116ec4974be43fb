/** For tests: requests as bytes on a socket, since every HTTP client would mend them first. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

export interface RawAnswer {
  /** 0 when nothing came. */
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** All that was received. */
  readonly text: string;
  /** Whether the server closed its side in order, as opposed to a reset. */
  readonly ended: boolean;
}

function parseAnswer(text: string, ended: boolean): RawAnswer {
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [statusLine = "", ...lines] = head.split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(":");
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
    }),
  );
  return { status: Number(statusLine.split(" ")[1] ?? 0), headers, body: rest.join("\r\n\r\n"), text, ended };
}

export async function openSocket(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  await once(socket, "connect");
  return socket;
}

/** How long to wait for an answer, and then for more of it. */
const FIRST_BYTE_MILLISECONDS = 10_000;
const QUIET_MILLISECONDS = 60;

/** Reads until the server closes its side, the connection breaks, or nothing more comes. */
export async function readAnswer(socket: Socket): Promise<RawAnswer> {
  let text = "";
  let ended = false;
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => {
    text += chunk;
    socket.setTimeout(QUIET_MILLISECONDS);
  });
  await new Promise<void>((resolve) => {
    socket.setTimeout(FIRST_BYTE_MILLISECONDS, resolve);
    socket.once("error", () => resolve());
    socket.once("end", () => {
      ended = true;
      resolve();
    });
  });
  socket.destroy();
  return parseAnswer(text, ended);
}

/** Sends lines as one request head. `Host` and the empty line are added. */
export async function sendRaw(port: number, ...lines: readonly string[]): Promise<RawAnswer> {
  const socket = await openSocket(port);
  socket.write(Buffer.from(`${[lines[0], "Host: s3r", ...lines.slice(1)].join("\r\n")}\r\n\r\n`, "latin1"));
  return await readAnswer(socket);
}
