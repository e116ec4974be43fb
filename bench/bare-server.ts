/** What Node alone can do on this machine: the same answer to everything, of the size that `serve` gives, and nothing logged. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const HEADERS = {
  location: `https://artifacts.s3.eu-central-1.amazonaws.com/builds/1/artifact.tar.gz?${"x".repeat(400)}`,
  "cache-control": "no-store",
  "x-request-id": "00000000-0000-4000-8000-000000000000",
  "content-type": "text/plain; charset=utf-8",
};

const server = createServer((_request, response) => {
  response.writeHead(307, HEADERS).end("Not here: repeat this request at the Location (curl -fL does).\n");
});

function isAddress(value: AddressInfo | string | null): value is AddressInfo {
  return typeof value === "object" && value !== null;
}

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (isAddress(address)) process.stderr.write(`http://127.0.0.1:${address.port} signs nothing\n`);
});
process.once("SIGTERM", () => process.exit());
