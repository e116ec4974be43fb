/** One JSON line an error on stderr: what a log collector can parse. Never a URL, a header or a token. */
export function logError(error: unknown, requestId?: string): void {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  process.stderr.write(`${JSON.stringify({ level: "error", requestId, name, message, stack })}\n`);
}
