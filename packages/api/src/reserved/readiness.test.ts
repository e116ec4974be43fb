import { describe, expect, it } from "vitest";
import type { AppOptions } from "../app.ts";
import { createApp } from "../app.ts";
import { TEST_APP_OPTIONS } from "../testing/start-api.ts";

async function ask(options: Partial<AppOptions>, path = "/.s3r/ready"): Promise<Response> {
  return await createApp({ ...TEST_APP_OPTIONS, ...options })(new Request(`http://s3r.invalid${path}`), path);
}

describe("GET /.s3r/ready", () => {
  it("is 200 once there are credentials to sign with", async () => {
    const answer = await ask({});
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ status: "ready" });
  });

  it.each<[string, AppOptions["credentials"]]>([
    ["none can be found", () => Promise.reject(new Error("no provider had any"))],
    [
      "they have expired",
      () => Promise.resolve({ accessKeyId: "A", secretAccessKey: "S", expiration: new Date("2020-01-01") }),
    ],
  ])("is 503, and told to the operator, while %s; health stays 200", async (_why, credentials) => {
    const errors: unknown[] = [];
    const answer = await ask({ credentials, onError: (error) => void errors.push(error) });
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("30");
    expect(await answer.json()).toMatchObject({ code: "ServiceUnavailable" });
    expect(errors).toHaveLength(1);
    expect((await ask({ credentials }, "/.s3r/health")).status).toBe(200);
  });

  it("is 503 while the server stops, which is no error; objects are signed to the end", async () => {
    const errors: unknown[] = [];
    const options: Partial<AppOptions> = { isStopping: () => true, onError: (error) => void errors.push(error) };
    expect((await ask(options)).status).toBe(503);
    expect((await ask(options, "/key")).status).toBe(307);
    expect(errors).toEqual([]);
  });

  it("looks for credentials once, however many ask at a time", async () => {
    let lookups = 0;
    const app = createApp({
      ...TEST_APP_OPTIONS,
      credentials: async () => {
        lookups += 1;
        await new Promise((resolve) => {
          setTimeout(resolve, 20);
        });
        return { accessKeyId: "A", secretAccessKey: "S" };
      },
    });
    const asked = Array.from({ length: 20 }, () => app(new Request("http://s3r.invalid/"), "/.s3r/ready"));
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(lookups).toBe(1);
  });
});
