/** A client that asks again and again over connections that it keeps, as bytes, so that nothing is repeated behind its back. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

export interface ClientReport {
  /** Ids of the requests that were answered. */
  readonly answered: readonly string[];
  /** Requests on a connection that had been refused or reset before it was ever answered: to be sent again elsewhere. */
  readonly neverTaken: number;
  /** What no client could make good: a request on a connection that had not been announced to end, or half an answer. */
  readonly lost: readonly string[];
  /** Whether it saw `Connection: close` before its connections ended. */
  readonly wasTold: boolean;
}

interface Answer {
  readonly requestId: string;
  readonly isLast: boolean;
}

async function open(port: number): Promise<Socket | undefined> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
  } catch {
    return undefined;
  }
  return socket.on("error", () => {});
}

function parseAnswer(text: string): Answer | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const head = text.slice(0, end);
  const length = Number(/^content-length: (\d+)$/imu.exec(head)?.[1] ?? 0);
  if (text.length < end + 4 + length) return undefined;
  return {
    requestId: /^x-request-id: (\S+)$/imu.exec(head)?.[1] ?? "",
    isLast: /^connection: close$/imu.test(head),
  };
}

/** @returns the answer, or how much of one there was when the connection ended. */
async function ask(socket: Socket, request: string): Promise<Answer | number> {
  return await new Promise((resolve) => {
    let text = "";
    const onData = (chunk: Buffer): void => {
      text += chunk.toString("latin1");
      const answer = parseAnswer(text);
      if (answer !== undefined) finish(answer);
    };
    const onClose = (): void => finish(text.length);
    function finish(result: Answer | number): void {
      socket.off("data", onData).off("close", onClose).off("end", onClose);
      resolve(result);
    }
    socket.on("data", onData).once("close", onClose).once("end", onClose);
    if (socket.destroyed || socket.readableEnded) onClose();
    else socket.write(request);
  });
}

/** Asks until nobody listens any more. */
export async function keepAsking(port: number, name: string): Promise<ClientReport> {
  const answered: string[] = [];
  const lost: string[] = [];
  let neverTaken = 0;
  let wasTold = false;

  /** Until the connection ends. */
  async function useConnection(socket: Socket): Promise<void> {
    for (let asked = 0; ; asked += 1) {
      const result = await ask(socket, `GET /${name}/${answered.length} HTTP/1.1\r\nHost: h\r\n\r\n`);
      if (typeof result === "number") {
        if (asked === 0 && result === 0) neverTaken += 1;
        else lost.push(`${name}: after ${asked} answers, with ${result} bytes of the next`);
        return;
      }
      answered.push(result.requestId);
      wasTold ||= result.isLast;
      if (result.isLast) return;
    }
  }

  for (;;) {
    const socket = await open(port);
    if (socket === undefined) return { answered, neverTaken, lost, wasTold };
    await useConnection(socket);
    socket.destroy();
  }
}
