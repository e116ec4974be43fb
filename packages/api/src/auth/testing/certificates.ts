/** For tests: a certificate authority of one's own and a server certificate of it, made when first asked for. */
import { randomBytes } from "node:crypto";
import forge from "node-forge";

export interface Certificates {
  /** The authority's certificate: what clients must trust (`NODE_EXTRA_CA_CERTS`). PEM, as are the others. */
  readonly ca: string;
  /** For `localhost` and 127.0.0.1. */
  readonly cert: string;
  readonly key: string;
}

const DAY_MILLISECONDS = 86_400_000;
const AUTHORITY = "s3r test authority";

interface Certificate {
  readonly name: string;
  readonly publicKey: forge.pki.PublicKey;
  readonly signingKey: forge.pki.rsa.PrivateKey;
  readonly extensions: readonly object[];
}

function issue({ name, publicKey, signingKey, extensions }: Certificate): string {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = publicKey;
  certificate.serialNumber = `01${randomBytes(15).toString("hex")}`;
  certificate.validity.notBefore = new Date(Date.now() - DAY_MILLISECONDS);
  certificate.validity.notAfter = new Date(Date.now() + DAY_MILLISECONDS);
  certificate.setSubject([{ name: "commonName", value: name }]);
  certificate.setIssuer([{ name: "commonName", value: AUTHORITY }]);
  certificate.setExtensions([...extensions]);
  certificate.sign(signingKey, forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate);
}

function create(): Certificates {
  const [authority, server] = [forge.pki.rsa.generateKeyPair(2048), forge.pki.rsa.generateKeyPair(2048)];
  const signingKey = authority.privateKey;
  return {
    ca: issue({
      name: AUTHORITY,
      publicKey: authority.publicKey,
      signingKey,
      extensions: [
        { name: "basicConstraints", cA: true, critical: true },
        { name: "keyUsage", keyCertSign: true, critical: true },
      ],
    }),
    cert: issue({
      name: "localhost",
      publicKey: server.publicKey,
      signingKey,
      extensions: [
        {
          name: "subjectAltName",
          altNames: [
            { type: 2, value: "localhost" },
            { type: 7, ip: "127.0.0.1" },
          ],
        },
      ],
    }),
    key: forge.pki.privateKeyToPem(server.privateKey),
  };
}

let created: Certificates | undefined;

/** The same for the whole process: making them takes a tenth of a second. */
export function testCertificates(): Certificates {
  created ??= create();
  return created;
}
