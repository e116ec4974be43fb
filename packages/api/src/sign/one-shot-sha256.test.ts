import { createHash, createHmac } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OneShotSha256 } from "./one-shot-sha256.ts";

describe("OneShotSha256", () => {
  it("hashes as Node does, however the data are cut", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: "binary" })), async (texts) => {
        const sha256 = new OneShotSha256();
        for (const text of texts) sha256.update(text);
        expect(Buffer.from(await sha256.digest())).toEqual(createHash("sha256").update(texts.join("")).digest());
      }),
    );
  });

  it("makes the HMACs that Node does, for keys of any length", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 150 }), fc.uint8Array({ maxLength: 200 }), async (secret, data) => {
        const sha256 = new OneShotSha256(secret);
        sha256.update(data);
        expect(Buffer.from(await sha256.digest())).toEqual(createHmac("sha256", secret).update(data).digest());
      }),
    );
  });
});
