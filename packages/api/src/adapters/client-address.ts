/** Whose request it is, where proxies stand in front. What a client says of itself counts for nothing. */
import { isIP, type BlockList } from "node:net";

/** How many proxies a request comes through, or where they are. */
export type ProxyTrust = { readonly hops: number } | { readonly ranges: BlockList };

/** `::ffff:192.0.2.1` is how a socket for both families shows an IPv4 address (RFC 4291 2.5.5.2). */
function plainAddress(address: string): string {
  const mapped = /^::ffff:(?<ipv4>\d+\.\d+\.\d+\.\d+)$/iu.exec(address.trim())?.groups?.["ipv4"];
  return mapped ?? address.trim();
}

/**
 * @param address of the sender.
 * @param hop how many senders are nearer to this server.
 */
function isTrusted(trust: ProxyTrust, address: string, hop: number): boolean {
  if ("hops" in trust) return hop < trust.hops;
  return trust.ranges.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/**
 * The address that the nearest sender which is not trusted had. Every proxy appends to `X-Forwarded-For` the address
 * it was asked from, so it is read from its end, and what stands before the word of a trusted proxy is never read.
 * @param peer the other end of the connection.
 * @param forwardedFor all values of the header, in their order.
 * @returns undefined where the connection has no address.
 */
export function clientAddress(
  trust: ProxyTrust | undefined,
  peer: string | undefined,
  forwardedFor: string | null,
): string | undefined {
  if (peer === undefined) return undefined;
  let client = plainAddress(peer);
  if (trust === undefined || forwardedFor === null) return client;
  const senders = forwardedFor.split(",").map(plainAddress);
  for (let hop = 0; isTrusted(trust, client, hop); hop += 1) {
    const sender = senders.at(-1 - hop);
    // `unknown`, or what else is no address: the last one that is known is the proxy's.
    if (sender === undefined || isIP(sender) === 0) break;
    client = sender;
  }
  return client;
}
