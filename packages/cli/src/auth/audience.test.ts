/** Whom a token is asked for, and that an API cannot have one for another service. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAudience } from "./audience.ts";

const ENDPOINT = new URL("https://files.example.com/base/");

async function choose(named: string | undefined, confirmed?: string, endpoint = ENDPOINT): Promise<string> {
  return await createAudience({ endpoint, confirmed, askApi: () => Promise.resolve(named) })();
}

describe("the audience", () => {
  it("is the endpoint's origin when the API names none", async () => {
    expect(await choose(undefined)).toBe("https://files.example.com");
  });

  it.each(["https://files.example.com", "https://files.example.com/", "https://files.example.com/base/x?y"])(
    "is what the API names, when that is itself: %s",
    async (named) => {
      expect(await choose(named)).toBe(named);
    },
  );

  it("may be this machine's, over http", async () => {
    const endpoint = new URL("http://127.0.0.1:8787/");
    expect(await choose("http://127.0.0.1:8787/x", undefined, endpoint)).toBe("http://127.0.0.1:8787/x");
  });

  it.each([
    "sts.amazonaws.com",
    "https://sts.amazonaws.com",
    "http://files.example.com",
    "https://files.example.com.evil.example",
    "https://files.example.com@evil.example/",
    "https://files.example.com:444",
    "https://files.example.co",
    "https://FILES.example.com",
    " https://files.example.com",
    "https://files.example.com\n",
    "https://files.example.com/\u0000",
    "https://files.example.com/ sts.amazonaws.com",
    "//files.example.com",
    "",
  ])("such as %j is not taken on the API's word", async (named) => {
    await expect(choose(named)).rejects.toMatchObject({
      code: "UnsafeServer",
      reason: expect.stringContaining(JSON.stringify(named)),
      hint: expect.stringContaining("--audience"),
    });
  });

  it("that is anything else has been confirmed, and then the API is not asked", async () => {
    const audience = createAudience({
      endpoint: ENDPOINT,
      confirmed: "sts.amazonaws.com",
      askApi: () => Promise.reject(new TypeError("asked")),
    });
    expect(await audience()).toBe("sts.amazonaws.com");
  });

  it("is asked for once, and again after a failure", async () => {
    const answers = [
      () => Promise.reject(new TypeError("no network")),
      () => Promise.resolve("https://files.example.com/a"),
      () => Promise.resolve("https://files.example.com/b"),
    ];
    const audience = createAudience({
      endpoint: ENDPOINT,
      confirmed: undefined,
      askApi: async () => await answers.shift()?.(),
    });
    await expect(audience()).rejects.toThrow("no network");
    expect([await audience(), await audience()]).toEqual(Array(2).fill("https://files.example.com/a"));
  });

  it("has in its error no command line that does more than it says", async () => {
    const error = choose("$(touch x); `y`");
    await expect(error).rejects.toMatchObject({ hint: expect.stringContaining("--audience AUDIENCE,") });
  });

  it("is never another one than the endpoint's, whatever the API names", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.webUrl(), fc.webUrl({ withQueryParameters: true })), async (named) => {
        const chosen = await choose(named).catch(() => undefined);
        expect(chosen === undefined || chosen.startsWith("https://files.example.com")).toBe(true);
      }),
    );
  });
});
