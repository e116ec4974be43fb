/** `S3R_TRUST_PROXY`: how many proxies every request comes through, or the addresses that they have. */
import { BlockList, isIP } from "node:net";
import type { ProxyTrust } from "../adapters/client-address.ts";
import type { Complain } from "./signing-config.ts";
import { wholeNumber } from "./whole-number.ts";

const MAX_HOPS = 10;

/** @returns whether it was one. */
function addRange(ranges: BlockList, range: string): boolean {
  const [address = "", digits, ...more] = range.split("/");
  const family = isIP(address);
  const bits = family === 6 ? 128 : 32;
  const prefix = wholeNumber(digits ?? String(bits), 0, bits);
  if (family === 0 || prefix === undefined || more.length > 0) return false;
  ranges.addSubnet(address, prefix, family === 6 ? "ipv6" : "ipv4");
  return true;
}

export function parseTrustProxy(value: string | undefined, complain: Complain): ProxyTrust | undefined {
  if (value === undefined) return undefined;
  const hops = wholeNumber(value, 0, MAX_HOPS);
  if (hops !== undefined) return hops === 0 ? undefined : { hops };
  const ranges = new BlockList();
  const parts = value.split(",").map((part) => part.trim());
  if (parts.every((part) => addRange(ranges, part))) return { ranges };
  complain(
    "S3R_TRUST_PROXY",
    `must be the number of proxies in front (0 to ${MAX_HOPS}) or their addresses, such as \`10.0.0.0/8, 2001:db8::1\``,
  );
  return undefined;
}
