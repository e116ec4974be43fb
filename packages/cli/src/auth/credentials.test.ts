/** What becomes of a refusal. */
import { describe, expect, it } from "vitest";
import { CliError } from "../cli-error.ts";
import { NOW } from "../testing/source-world.ts";
import { createCredentials, type Credentials } from "./credentials.ts";
import type { Environment, TokenSource } from "./token-source.ts";

const REFUSAL = new CliError("Unauthenticated", "the API refused GET k (401)", { reason: "the token has expired" });

interface Made {
  readonly credentials: Credentials;
  readonly loads: () => number;
  readonly traced: readonly string[];
}

function make(source: Partial<TokenSource> | undefined, env: Environment = {}): Made {
  let loads = 0;
  const traced: string[] = [];
  const load: TokenSource["load"] = () => {
    loads += 1;
    return Promise.resolve({ authorization: `Bearer ${loads}`, obtainedAt: NOW, expiresAt: undefined });
  };
  const complete = {
    id: "gitlab",
    name: "the test",
    canRefresh: true,
    remedy: "do something",
    load,
    ...source,
  } as const;
  const credentials = createCredentials({
    findSource: () => Promise.resolve(source === undefined ? undefined : complete),
    env,
    now: () => NOW,
    trace: (line) => void traced.push(line),
  });
  return { credentials, loads: () => loads, traced };
}

/** A request that is refused for the tokens of which this is said. */
function request(
  { credentials }: Made,
  isRefused: (authorization: string | undefined) => boolean,
): () => Promise<string> {
  return async () => {
    const authorization = await credentials.authorization();
    if (isRefused(authorization)) throw REFUSAL;
    return authorization ?? "anonymous";
  };
}

describe("a run", () => {
  it("has one source, and says which under -v, once", async () => {
    const made = make({});
    expect([await made.credentials.authorization(), await made.credentials.authorization()]).toEqual([
      "Bearer 1",
      "Bearer 1",
    ]);
    expect(made.traced).toEqual(["token from the test"]);
  });

  it("without a source is anonymous, and says so under -v", async () => {
    const made = make(undefined);
    expect(await made.credentials.attempt(request(made, () => false))).toBe("anonymous");
    expect(made.traced).toEqual(["no token: anonymous"]);
  });
});

describe("a refusal", () => {
  it("of a token that was accepted before is answered with another token, once", async () => {
    const made = make({});
    await made.credentials.attempt(request(made, () => false));
    expect(await made.credentials.attempt(request(made, (authorization) => authorization === "Bearer 1"))).toBe(
      "Bearer 2",
    );
    await expect(made.credentials.attempt(request(made, () => true))).rejects.toMatchObject({
      code: "Unauthenticated",
    });
    expect(made.loads()).toBe(3);
  });

  it("of several requests at once costs one other token", async () => {
    const made = make({});
    await made.credentials.attempt(request(made, () => false));
    const late = request(made, (authorization) => authorization === "Bearer 1");
    const results = await Promise.all(Array.from({ length: 10 }, () => made.credentials.attempt(late)));
    expect(new Set(results)).toEqual(new Set(["Bearer 2"]));
    expect(made.loads()).toBe(2);
  });

  it("names the source, and what to do about it", async () => {
    const made = make({});
    await expect(made.credentials.attempt(request(made, () => true))).rejects.toMatchObject({
      code: "Unauthenticated",
      message: "the API refused GET k (401)",
      reason: "the token has expired (token from the test)",
      hint: "do something",
    });
    expect(made.loads()).toBe(1);
  });

  it.each<readonly [Environment, string]>([
    [{}, "s3r login, --token-file FILE, S3R_TOKEN_FILE or S3R_TOKEN"],
    [{ GITHUB_ACTIONS: "true" }, "permissions: id-token: write"],
  ])("without a token says how to give one (%o)", async (env, hint) => {
    const made = make(undefined, env);
    await expect(made.credentials.attempt(request(made, () => true))).rejects.toMatchObject({
      reason: "the token has expired (no token was sent)",
      hint: expect.stringContaining(hint),
    });
  });
});

describe("another error", () => {
  it("of the request comes back as it is, and no token is replaced", async () => {
    const made = make({});
    const error = new CliError("Forbidden", "no");
    await made.credentials.attempt(request(made, () => false));
    await expect(made.credentials.attempt(() => Promise.reject(error))).rejects.toBe(error);
    expect(made.loads()).toBe(1);
  });

  it("of the source is not taken for the API's", async () => {
    const error = new CliError("Unauthenticated", "no token");
    const made = make({ load: () => Promise.reject(error) });
    await expect(made.credentials.attempt(() => Promise.resolve(1))).rejects.toBe(error);
  });
});
