/** TLS in front of the store, in a process of its own: decrypts, and passes the bytes on as they are. Prints its port, and where the CA's certificate is. */
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { pipeline } from "node:stream";
import { createServer } from "node:tls";
import { testCertificates } from "@s3r/api/testing/certificates";

const [, , storePort, directory] = process.argv;
if (storePort === undefined || directory === undefined) throw new Error("usage: tls-front.ts STORE_PORT DIRECTORY");

const { ca, cert, key } = testCertificates();
const caFile = join(directory, "ca.pem");
writeFileSync(caFile, ca);

const front = createServer({ cert, key }, (client) => {
  const store = connect(Number(storePort), "127.0.0.1");
  // Either end may go away in the middle: so do both then.
  pipeline(client, store, client, () => {});
});
front.listen(0, "127.0.0.1", () => {
  const address = front.address();
  if (typeof address !== "object" || address === null) throw new TypeError("no port");
  process.stdout.write(`${JSON.stringify({ port: address.port, caFile })}\n`);
});
