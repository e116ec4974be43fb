import type { Server } from "node:http";

/** How long requests under way may take to end. */
const GRACE_MILLISECONDS = 5000;

/** Stops accepting, lets what is under way end within a few seconds, then cuts it off. */
export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), GRACE_MILLISECONDS);
  await closed;
  clearTimeout(timer);
}
