/** For tests: this process's own `fetch` trusts the test authority too, as `NODE_EXTRA_CA_CERTS` has another's do. */
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { testCertificates } from "./certificates.ts";

export function trustTestAuthority(): void {
  const { ca } = testCertificates();
  const trusted = getCACertificates("default");
  if (!trusted.includes(ca)) setDefaultCACertificates([...trusted, ca]);
}
