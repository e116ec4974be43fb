/** Ends a server by SIGTERM while clients ask it, and compares what it has answered with what they got. */
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { keepAsking } from "./keep-alive-client.ts";
import { startServe, type StackAddress } from "./stack.ts";

export interface EndReport {
  readonly exitCode: number | null;
  /** From the signal to the end of the process. */
  readonly seconds: number;
  readonly answered: number;
  /** Requests that the server answered, by its log, and whose answers nobody got. */
  readonly unheard: readonly string[];
  readonly lost: readonly string[];
  readonly neverTaken: number;
  /** Clients that were told that their connection ends. */
  readonly told: number;
  /** Whether the server ended a connection that had asked once, and then nothing. */
  readonly idleWasClosed: boolean;
}

/** Signs for a store that nobody needs: the clients do not follow the redirects. */
const STORE: StackAddress = {
  api: "",
  store: "http://127.0.0.1:9",
  bucket: "bucket",
  region: "us-east-1",
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "s".repeat(40),
};

/** @returns whether the server ended it in order, when it does; wrapped, or waiting for it would be waiting for that. */
async function openIdle(port: number): Promise<{ readonly ended: Promise<boolean> }> {
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  await once(socket, "connect");
  socket.write("GET /idle HTTP/1.1\r\nHost: h\r\n\r\n");
  await once(socket, "data");
  const ended = once(socket, "end").then(
    () => true,
    () => false,
  );
  return { ended };
}

/** @param milliseconds of load before the signal. */
export async function endUnderLoad(clients: number, milliseconds: number): Promise<EndReport> {
  await using served = await startServe(STORE, STORE.store);
  const port = Number(new URL(served.api).port);
  const idle = await openIdle(port);
  const asking = Array.from({ length: clients }, (_, at) => keepAsking(port, `client-${at}`));
  await delay(milliseconds);
  const closed = once(served.process, "close");
  const signalled = performance.now();
  served.process.kill("SIGTERM");
  await closed;
  const seconds = (performance.now() - signalled) / 1000;
  const reports = await Promise.all(asking);
  const answered = new Set(reports.flatMap((report) => report.answered));
  const logged = served.accessLog().filter(({ key }) => key !== "idle");
  return {
    exitCode: served.process.exitCode,
    seconds,
    answered: answered.size,
    unheard: logged.map(({ requestId }) => String(requestId)).filter((id) => !answered.has(id)),
    lost: reports.flatMap((report) => report.lost),
    neverTaken: reports.reduce((sum, report) => sum + report.neverTaken, 0),
    told: reports.filter((report) => report.wasTold).length,
    idleWasClosed: await idle.ended,
  };
}
