import * as fc from "fast-check";
import { BlockList, isIP } from "node:net";
import { describe, expect, it } from "vitest";
import { clientAddress } from "./client-address.ts";

const LOCAL = new BlockList();
LOCAL.addSubnet("10.0.0.0", 8, "ipv4");
LOCAL.addSubnet("fd00::", 8, "ipv6");

const address = fc.oneof(fc.ipV4(), fc.ipV6());
/** What a client may write there. */
const nonsense = fc.oneof(
  fc.string(),
  address,
  fc.constantFrom("unknown", "", "10.0.0.1", "192.0.2.1:80", "[::1]:80", "_x"),
);

describe("clientAddress", () => {
  it("is the peer's where nobody is trusted, whatever the client sends", () => {
    fc.assert(
      fc.property(address, fc.option(fc.string()), (peer, forwardedFor) => {
        expect(clientAddress(undefined, peer, forwardedFor)).toBe(clientAddress(undefined, peer, null));
      }),
    );
    expect(clientAddress(undefined, "192.0.2.1", "203.0.113.9")).toBe("192.0.2.1");
  });

  it("is with N proxies the N-th from the right, whatever the client puts before it", () => {
    fc.assert(
      fc.property(
        fc.array(nonsense, { maxLength: 5 }),
        address,
        fc.array(address, { maxLength: 4 }),
        address,
        (sent, client, proxies, peer) => {
          const forwardedFor = [...sent, client, ...proxies].join(", ");
          // The nearest proxy is the peer; each of the others was appended by the one after it.
          expect(clientAddress({ hops: proxies.length + 1 }, peer, forwardedFor)).toBe(client);
        },
      ),
    );
  });

  it("is with ranges the first from the right that is in none of them, whatever the client puts before it", () => {
    const outside = address.filter((each) => !LOCAL.check(each, isIP(each) === 6 ? "ipv6" : "ipv4"));
    const proxy = fc.nat(0xff_ff).map((number) => `10.1.${number >> 8}.${number & 255}`);
    fc.assert(
      fc.property(
        fc.array(nonsense, { maxLength: 5 }),
        outside,
        fc.array(proxy, { maxLength: 4 }),
        fc.oneof(
          proxy,
          proxy.map((each) => `::ffff:${each}`),
        ),
        (sent, client, proxies, peer) => {
          const forwardedFor = [...sent, client, ...proxies].join(",");
          expect(clientAddress({ ranges: LOCAL }, peer, forwardedFor)).toBe(client);
          // Who comes past the proxies is not asked for whom.
          expect(clientAddress({ ranges: LOCAL }, client, forwardedFor)).toBe(client);
        },
      ),
    );
  });

  it.each([
    ["no header", null, "10.0.0.1"],
    ["an empty one", "", "10.0.0.1"],
    ["a word", "192.0.2.1, unknown", "10.0.0.1"],
    ["a port, which some proxies append", "192.0.2.1:1234", "10.0.0.1"],
    ["fewer than there should be", "192.0.2.1", "192.0.2.1"],
    ["a proxy's own address first", "192.0.2.1, 10.0.0.2", "192.0.2.1"],
    ["an IPv4 address as IPv6", "::ffff:192.0.2.1, 10.0.0.2", "192.0.2.1"],
  ])("with %s is the last address that is known", (_name, forwardedFor, expected) => {
    expect(clientAddress({ ranges: LOCAL }, "10.0.0.1", forwardedFor)).toBe(expected);
    expect(clientAddress({ hops: 2 }, "10.0.0.1", forwardedFor)).toBe(expected);
  });

  it("is always an address, or nothing where the connection has none", () => {
    const trust = fc.oneof(
      fc.nat(12).map((hops) => ({ hops })),
      fc.constant({ ranges: LOCAL }),
    );
    fc.assert(
      fc.property(trust, address, fc.array(nonsense), (trusted, peer, sent) => {
        expect(isIP(clientAddress(trusted, peer, sent.join(",")) ?? "")).not.toBe(0);
      }),
    );
    expect(clientAddress({ hops: 1 }, undefined, "192.0.2.1")).toBeUndefined();
  });
});
