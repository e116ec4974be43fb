/** What may be a token, and what is said of what may not. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeJwt } from "../testing/make-jwt.ts";
import { NOW } from "../testing/source-world.ts";
import { isForeseen, textOf, thrownBy } from "../testing/thrown-by.ts";
import { bearerCredential } from "./bearer-credential.ts";

const ORIGIN = { name: "S3R_TOKEN", now: NOW };

/** @returns NumericDate */
function seconds(afterNow: number): number {
  return NOW.getTime() / 1000 + afterNow;
}

describe("a token", () => {
  it("is taken without the white space around it", () => {
    expect(bearerCredential("\uFEFF s3r_abc\r\n", ORIGIN)).toEqual({
      authorization: "Bearer s3r_abc",
      obtainedAt: NOW,
      expiresAt: undefined,
    });
  });

  it.each([
    ["", "empty"],
    [" \n", "empty"],
    ["t0p-s3cret\nt0p-s3cret", "several lines"],
    ["t0p-s3cret\r\nX-Injected: 1", "several lines"],
    ["Bearer t0p-s3cret", "scheme"],
    ["t0p-s3cret x", "a space"],
    ["t0p-s3cr\u00e9t", "characters"],
    ["t0p-s3cret\0", "characters"],
    [`t0p-s3cret${"x".repeat(13_000)}`, "longer"],
  ])("such as %j is refused: %s", (text, reason) => {
    const error = thrownBy(() => bearerCredential(text, ORIGIN));
    expect(error).toMatchObject({ code: "Usage", message: expect.stringContaining("S3R_TOKEN") });
    expect(error).toMatchObject({ reason: expect.stringContaining(reason) });
    expect(textOf(error)).not.toContain("s3cr");
  });

  it("of any printable text fits into a header", () => {
    const printable = fc.string({ unit: "grapheme-ascii", minLength: 1 }).filter((text) => /^[!-~]+$/u.test(text));
    fc.assert(
      fc.property(printable, (text) => {
        expect(bearerCredential(text, ORIGIN).authorization).toBe(`Bearer ${text}`);
      }),
    );
  });

  it("of any text is taken, or is a usage error that does not show it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
        const error = thrownBy(() => bearerCredential(text, ORIGIN));
        const isShown = text.length >= 12 && textOf(error).includes(text);
        expect(isForeseen(() => bearerCredential(text, ORIGIN)) && !isShown).toBe(true);
      }),
    );
  });
});

describe("the end of a token", () => {
  it("is its `exp`", () => {
    const { expiresAt } = bearerCredential(makeJwt({ exp: seconds(300) }), ORIGIN);
    expect(expiresAt).toEqual(new Date(NOW.getTime() + 300_000));
  });

  it("counts from when it was issued, if that was a moment ago: this machine's clock may be wrong", () => {
    const token = makeJwt({ iat: seconds(-3600), exp: seconds(-3300) });
    const { expiresAt } = bearerCredential(token, { ...ORIGIN, isFresh: true });
    expect(expiresAt).toEqual(new Date(NOW.getTime() + 300_000));
  });
});
