import { createHash, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createToken } from "./new-token.ts";

describe("createToken", () => {
  it("writes 32 random bytes behind a prefix that scanners find, and gives the digest of the whole", () => {
    const { token, sha256 } = createToken((bytes) => new Uint8Array(bytes).fill(0xff));
    expect(token).toBe(`s3r_${"_".repeat(42)}8`);
    expect(sha256).toBe(createHash("sha256").update(token).digest("hex"));
  });

  it("never gives the same twice", () => {
    const tokens = Array.from({ length: 100 }, () => createToken(randomBytes).token);
    expect(new Set(tokens).size).toBe(100);
    for (const token of tokens) expect(token).toMatch(/^s3r_[\w-]{43}$/u);
  });
});
