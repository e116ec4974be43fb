import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CliError } from "../cli-error.ts";
import { textOf, thrownBy } from "../testing/thrown-by.ts";
import { isLoopbackHost } from "../loopback-host.ts";
import { parseRedirectTarget } from "./redirect-target.ts";

const REMOTE = new URL("https://api.example/");
const LOCAL = new URL("http://127.0.0.1:8787/");

describe("a redirect", () => {
  it.each([
    ["https://bucket.s3.eu-central-1.amazonaws.com/k?X-Amz-Signature=1", REMOTE],
    ["https://store.example/k", LOCAL],
    ["http://localhost:8788/bucket/k?a=b", LOCAL],
    ["http://127.0.0.1:9000/k", LOCAL],
    ["https://store.example/a/..b/c.", REMOTE],
  ])("to %s is followed", (location, endpoint) => {
    expect(parseRedirectTarget(location, endpoint).href).toBe(location);
  });

  it.each([
    [undefined, REMOTE],
    ["", REMOTE],
    ["/k", REMOTE],
    ["//evil.example/k", REMOTE],
    ["http://store.example/k", REMOTE],
    ["http://store.example/k", LOCAL],
    ["http://169.254.169.254/latest/meta-data", REMOTE],
    ["http://localhost:8788/k", REMOTE],
    ["http://127.0.0.1.example/k", LOCAL],
    ["https://user:secret@store.example/k", REMOTE],
    ["ftp://store.example/k", REMOTE],
    ["file:///etc/passwd", LOCAL],
    ["https://store.example/a/../b", REMOTE],
    ["https://store.example/a/%2e%2E/b", REMOTE],
    ["https://store.example/./b?X-Amz-Signature=1", REMOTE],
  ])("to %s is refused", (location, endpoint) => {
    expect(() => parseRedirectTarget(location, endpoint)).toThrow(expect.objectContaining({ code: "UnsafeServer" }));
  });

  it("D25: is https, or to this machine from this machine, whatever the Location", () => {
    const host = fc.constantFrom(
      "localhost",
      "127.0.0.1",
      "[::1]",
      "2130706433",
      "store.example",
      "127.0.0.1.example",
      "a@localhost",
    );
    const scheme = fc.constantFrom("http://", "https://", "https:/", "ws://", "//", "\\\\", "");
    const location = fc.oneof(
      fc.string(),
      fc.tuple(scheme, host, fc.string()).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(location, fc.constantFrom(REMOTE, LOCAL), (text, endpoint) => {
        const refusal = thrownBy(() => parseRedirectTarget(text, endpoint));
        const url = URL.parse(text);
        const isSafe = url?.protocol === "https:" || (endpoint === LOCAL && isLoopbackHost(url?.hostname ?? ""));
        expect(refusal instanceof CliError || (refusal === undefined && isSafe)).toBe(true);
      }),
    );
  });

  it("that is refused is not shown with its query", () => {
    const error = thrownBy(() => parseRedirectTarget("http://store.example/k?X-Amz-Signature=5ecret", REMOTE));
    expect(textOf(error)).toContain("http://store.example");
    expect(textOf(error)).not.toContain("5ecret");
  });
});
