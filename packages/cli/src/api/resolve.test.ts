/** What the API may answer, and what of it is believed. */
import type { Operation } from "@s3r/shared";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ScriptedAnswer } from "../testing/start-redirector.ts";
import { startTestWorld, type TestWorld } from "../testing/test-world.ts";
import { textOf } from "../testing/thrown-by.ts";

const GET: Operation = { name: "GetObject", key: "a b/é", query: {} };
const PUT: Operation = { ...GET, name: "PutObject" };
const DELETE: Operation = { ...GET, name: "DeleteObject" };

let test: TestWorld;

beforeEach(async () => {
  test = await startTestWorld();
});

afterEach(async () => {
  await test[Symbol.asyncDispose]();
});

function problem(status: number, code: string): ScriptedAnswer {
  return {
    status,
    headers: { "content-type": "application/problem+json" },
    body: JSON.stringify({
      type: "about:blank",
      title: "t",
      status,
      detail: `because of ${code}`,
      code,
      requestId: "r-1",
    }),
  };
}

describe("resolve", () => {
  it("asks with the escaped key and an empty body, and gives the signed request", async () => {
    const signed = await test.world.resolve(PUT, { "content-length": "5", "content-type": "a/b" });
    expect(test.api.seen[0]).toMatchObject({
      method: "PUT",
      target: "/a%20b/%C3%A9",
      headers: { "content-length": "0" },
    });
    expect(signed).toMatchObject({ method: "PUT", expiresIn: 300, announced: { "content-length": "5" } });
    expect(signed.url.host).toBe(`localhost:${test.store.port}`);
  });

  it.each([301, 302, 303, 307, 308])("follows %i for GET", async (status) => {
    test.api.answerNext({ status, headers: { location: "https://store.example/k" } });
    expect((await test.world.resolve(GET)).url.href).toBe("https://store.example/k");
  });

  it.each([301, 302, 303])("does not follow %i for what is no GET: it may become one", async (status) => {
    for (const operation of [PUT, DELETE]) {
      test.api.answerNext({ status, headers: { location: "https://store.example/k" } });
      await expect(test.world.resolve(operation)).rejects.toMatchObject({ code: "UnsafeServer" });
    }
  });

  it.each([
    [problem(400, "InvalidKey"), "Usage", 2],
    [problem(401, "Unauthenticated"), "Unauthenticated", 4],
    [problem(403, "AccessDenied"), "Forbidden", 5],
    [problem(413, "EntityTooLarge"), "Usage", 2],
    [problem(428, "PreconditionRequired"), "PreconditionFailed", 6],
    [problem(429, "TooManyRequests"), "Unavailable", 7],
    [problem(503, "ServiceUnavailable"), "Unavailable", 7],
  ])("shows the detail of the problem %#", async (answer, code, exitCode) => {
    test.api.answerNext(answer);
    const error = await test.world.resolve(PUT).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code,
      exitCode,
      reason: expect.stringMatching(/^because of \w+ \(request r-1\)$/u),
    });
  });

  it.each<readonly [string, ScriptedAnswer]>([
    ["a captive portal", { status: 200, body: "<html>Please log in: token=t0p-s3cret X-Amz-Signature=t0p-s3cret" }],
    ["nonsense in JSON", { status: 200, body: '{"status":307,"location":"https://evil.example"}' }],
    ["a redirect without a Location", { status: 307 }],
    [
      "a redirect to plain http",
      { status: 307, headers: { location: "http://evil.example/?X-Amz-Signature=t0p-s3cret" } },
    ],
    ["a redirect within the API", { status: 307, headers: { location: "/elsewhere" } }],
    ["no s3r API", { status: 405, body: "Method Not Allowed" }],
  ])("refuses %s, and shows no secret of it", async (_, answer) => {
    test.api.answerNext(answer);
    const error: unknown = await test.world.resolve(GET).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "UnsafeServer", exitCode: 11 });
    expect(textOf(error)).not.toContain("t0p-s3cret");
  });

  it("says what cannot be reached", async () => {
    await test.api[Symbol.asyncDispose]();
    await expect(test.world.resolve(GET)).rejects.toMatchObject({
      code: "Unavailable",
      message: `no connection to ${test.api.endpoint.host}`,
      retry: { reason: "transient" },
    });
  });
});
