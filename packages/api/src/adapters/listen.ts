import type { Server } from "node:http";

/** What keeps a server from listening, in words for its operator. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "is taken: stop what uses it, or choose another (0 is any free one)",
  EACCES: "may not be used by this user: choose one from 1024 on",
  EADDRNOTAVAIL: "is no address of this machine",
  ENOTFOUND: "cannot be resolved",
};

/**
 * @param port 0 for any free one.
 * @returns the port it listens on.
 * @throws ListenError
 */
export async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const reason = REASONS[error.code ?? ""] ?? `cannot be listened on (${error.code})`;
      reject(new ListenError(`${host}:${port} ${reason}`, { cause: error }));
    });
    server.listen(port, host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("the server listens on no port");
  return address.port;
}
