/** Answers that echo what was sent. */
import { describe, expect, it } from "vitest";
import { withoutSecret } from "./without-secret.ts";

describe("an answer", () => {
  it("is shown without the token that was sent", () => {
    expect(withoutSecret("got Authorization: Bearer t0p-s3cret, t0p-s3cret!", "Bearer t0p-s3cret")).toBe(
      "got Authorization: Bearer …, …!",
    );
  });

  it("is shown without the password, encoded or not", () => {
    const encoded = Buffer.from("user:t0p-s3cret").toString("base64");
    expect(withoutSecret(`${encoded} user:t0p-s3cret t0p-s3cret user`, `Basic ${encoded}`)).toBe("… … … user");
  });

  it("is left alone when nothing was sent, or what is found in any text", () => {
    expect(withoutSecret("an answer", undefined)).toBe("an answer");
    expect(withoutSecret("an answer", "Bearer a")).toBe("an answer");
  });
});
