import { describe, expect, it } from "vitest";
import { grantCredentials, type Credentials, type CredentialsProvider } from "./credentials.ts";

const NOW = new Date("2026-11-23T06:00:00Z");

function expiringIn(seconds: number): Credentials {
  return { accessKeyId: "a", secretAccessKey: "s", expiration: new Date(NOW.getTime() + seconds * 1000) };
}

/** Gives `cached`, and `fresh` when a refresh is forced; counts the refreshes. */
function provider(cached: Credentials, fresh: Credentials): CredentialsProvider & { readonly refreshes: () => number } {
  let refreshes = 0;
  const provide: CredentialsProvider = (options) => {
    if (options?.forceRefresh !== true) return Promise.resolve(cached);
    refreshes += 1;
    return Promise.resolve(fresh);
  };
  return Object.assign(provide, { refreshes: () => refreshes });
}

describe("grantCredentials", () => {
  it("grants the asked expiry to credentials that do not expire", async () => {
    const lasting = { accessKeyId: "a", secretAccessKey: "s" };
    expect(await grantCredentials(() => Promise.resolve(lasting), 300, NOW)).toEqual({
      credentials: lasting,
      expiresIn: 300,
    });
  });

  it("refreshes credentials that would die before the URL, and only those", async () => {
    const [short, long] = [expiringIn(200), expiringIn(3600)];
    const refreshed = provider(short, long);
    expect(await grantCredentials(refreshed, 300, NOW)).toEqual({ credentials: long, expiresIn: 300 });
    const kept = provider(long, short);
    expect(await grantCredentials(kept, 300, NOW)).toEqual({ credentials: long, expiresIn: 300 });
    expect([refreshed.refreshes(), kept.refreshes()]).toEqual([1, 0]);
  });

  it("caps the expiry by the life of the credentials, less a margin", async () => {
    expect((await grantCredentials(provider(expiringIn(100), expiringIn(120)), 300, NOW)).expiresIn).toBe(90);
  });

  it.each([
    ["expired for good", provider(expiringIn(-10), expiringIn(20))],
    ["not to be had", () => Promise.reject(new Error("no role"))],
  ])("answers 503 when they are %s", async (_name, provide) => {
    await expect(grantCredentials(provide, 300, NOW)).rejects.toMatchObject({
      code: "ServiceUnavailable",
      headers: { "retry-after": "30" },
    });
  });
});
