/**
 * Ends a server without losing a request that it has taken. No connection is accepted any more; those that are open
 * get `Connection: close` with their next answer, so that the client knows not to use them again (RFC 9112 9.6).
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Server as NetServer, type Socket } from "node:net";
import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";

export interface CloseTimes {
  /** How long open connections may ask once more: closing an idle one at once would cross with a request on its way. */
  readonly idleMilliseconds: number;
  /** How long all of it may take; then what is left is cut off. */
  readonly graceMilliseconds: number;
}

/** A Lambda web function has a second (lambda/latest/dg/web-functions-env-lifecycle); a container usually ten. */
const CLOSE_TIMES: CloseTimes = { idleMilliseconds: 500, graceMilliseconds: 5000 };

const SWEEP_MILLISECONDS = 50;
const MAX_TURNS = 1000;

/** What an open connection is doing. */
interface Activity {
  readonly answers: Set<ServerResponse>;
  /** How many bytes had come when the last answer was done: more of them are the beginning of a request. */
  bytesAtRest: number;
}

function track(server: Server): ReadonlyMap<Socket, Activity> {
  const connections = new Map<Socket, Activity>();

  server.on("connection", (socket: Socket) => {
    connections.set(socket, { answers: new Set(), bytesAtRest: 0 });
    socket.once("close", () => connections.delete(socket));
  });

  function onRequest({ socket }: IncomingMessage, answer: ServerResponse): void {
    const activity = connections.get(socket);
    activity?.answers.add(answer);
    answer.once("close", () => {
      activity?.answers.delete(answer);
      if (activity !== undefined) activity.bytesAtRest = socket.bytesRead;
    });
  }
  for (const event of ["request", "checkContinue"]) server.prependListener(event, onRequest);
  return connections;
}

function announceClose(answer: ServerResponse): void {
  if (!answer.headersSent) answer.setHeader("connection", "close");
}

/** One that has been half-closed is waiting for its client to read the answer. */
function isIdle(socket: Socket, { answers, bytesAtRest }: Activity): boolean {
  return answers.size === 0 && socket.bytesRead === bytesAtRest && !socket.writableEnded;
}

/**
 * Connections that wait to be accepted look open to their clients. Each turn of the event loop takes some of them,
 * until two bring none. Nobody comes again meanwhile, for nobody was told to.
 */
async function acceptWaiting(server: Server): Promise<void> {
  let turnsWithout = 0;
  const onConnection = (): void => {
    turnsWithout = 0;
  };
  server.on("connection", onConnection);
  for (let turn = 0; turn < MAX_TURNS && turnsWithout < 2; turn += 1) {
    turnsWithout += 1;
    await nextTurn();
  }
  server.off("connection", onConnection);
}

/**
 * To be called before the server listens.
 * @returns what closes it: resolves when every connection has ended, or was cut off.
 */
export function prepareClose(server: Server, times: CloseTimes = CLOSE_TIMES): () => Promise<void> {
  const connections = track(server);

  function sweep(): void {
    for (const [socket, activity] of connections) if (isIdle(socket, activity)) socket.destroy();
  }

  function cutOff(): void {
    for (const socket of connections.keys()) socket.destroy();
  }

  return async function close() {
    await acceptWaiting(server);
    const closed = new Promise<void>((resolve) => {
      // Not http's own, which closes idle connections at once.
      NetServer.prototype.close.call(server, () => resolve());
    });
    for (const event of ["request", "checkContinue"]) {
      server.prependListener(event, (_incoming: IncomingMessage, answer: ServerResponse) => announceClose(answer));
    }
    for (const { answers } of connections.values()) for (const answer of answers) announceClose(answer);
    const timer = setTimeout(cutOff, times.graceMilliseconds);
    await Promise.race([closed, delay(times.idleMilliseconds, undefined, { ref: false })]);
    const sweeping = setInterval(sweep, SWEEP_MILLISECONDS);
    sweep();
    await closed;
    clearTimeout(timer);
    clearInterval(sweeping);
  };
}
