import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSocket, readAnswer, sendRaw } from "../testing/raw-http.ts";
import { startApi, type RunningApi } from "../testing/start-api.ts";

let api: RunningApi;

beforeAll(async () => {
  api = await startApi();
});

afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

function code(answer: { readonly body: string }): unknown {
  const problem: unknown = JSON.parse(answer.body);
  return typeof problem === "object" && problem !== null && "code" in problem ? problem.code : undefined;
}

describe("createNodeServer", () => {
  it("answers an upload that expects 100 without inviting its body", async () => {
    const answer = await sendRaw(api.port, "PUT /k HTTP/1.1", "Expect: 100-continue", "Content-Length: 1000000");
    expect(answer.text).toMatch(/^HTTP\/1\.1 307 /u);
    expect(answer).toMatchObject({ status: 307, ended: true });
    expect(answer.body).toContain("Not stored yet");
    expect(answer.headers["connection"]).not.toBe("close");
  });

  it("answers an upload that does not wait before its body has come", async () => {
    const answer = await sendRaw(api.port, "PUT /k HTTP/1.1", "Connection: close", "Content-Length: 1000000");
    expect(answer).toMatchObject({ status: 307, ended: true });
    expect(answer.headers["location"]).toContain("X-Amz-SignedHeaders=content-length%3Bhost");
  });

  it("keeps the connection for requests without a body", async () => {
    const socket = await openSocket(api.port);
    socket.write(
      "GET /a HTTP/1.1\r\nHost: h\r\n\r\nPUT /b HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\nHEAD /c HTTP/1.1\r\nHost: h\r\n\r\n",
    );
    const { text, ended } = await readAnswer(socket);
    expect(text.match(/HTTP\/1\.1 307/gu)).toHaveLength(3);
    expect(ended).toBe(false);
  });

  it("answers HEAD with the head of GET and no body", async () => {
    const answer = await sendRaw(api.port, "HEAD /k HTTP/1.1");
    expect(answer).toMatchObject({ status: 307, body: "" });
    expect(await sendRaw(api.port, "HEAD /a//b HTTP/1.1")).toMatchObject({ status: 400, body: "" });
  });

  it("invites the body of a batch, and only then reads it", async () => {
    const body = JSON.stringify({ requests: [{ method: "GET", path: "/k" }] });
    const socket = await openSocket(api.port);
    socket.write(
      `POST /.s3r/sign HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    await new Promise<void>((resolve) => {
      socket.once("data", (chunk: Buffer) => {
        expect(chunk.toString()).toBe("HTTP/1.1 100 Continue\r\n\r\n");
        resolve();
      });
    });
    socket.write(body);
    expect(await readAnswer(socket)).toMatchObject({ status: 200, body: expect.stringContaining('"status":307') });
  });

  it("stops reading a batch at 4 MiB", async () => {
    const response = await fetch(`${api.url}/.s3r/sign`, { method: "POST", body: "x".repeat(5 * 1024 ** 2) });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: "EntityTooLarge" });
  });

  it.each<[string, number, string, readonly string[]]>([
    ["CL beside TE", 400, "InvalidRequest", ["PUT /k HTTP/1.1", "Content-Length: 1", "Transfer-Encoding: chunked"]],
    ["two lengths", 400, "InvalidRequest", ["PUT /k HTTP/1.1", "Content-Length: 1", "Content-Length: 2"]],
    ["a negative length", 400, "InvalidRequest", ["PUT /k HTTP/1.1", "Content-Length: -1"]],
    ["a length in scientific notation", 400, "InvalidRequest", ["PUT /k HTTP/1.1", "Content-Length: 1e9"]],
    ["an empty length", 400, "InvalidRequest", ["PUT /k HTTP/1.1", "Content-Length:"]],
    ["a length over 5 GiB", 413, "EntityTooLarge", ["PUT /k HTTP/1.1", "Content-Length: 5368709121"]],
    ["a chunked upload", 411, "LengthRequired", ["PUT /k HTTP/1.1", "Transfer-Encoding: chunked"]],
    [
      "a chunked upload that waits",
      411,
      "LengthRequired",
      ["PUT /k HTTP/1.1", "Expect: 100-continue", "Transfer-Encoding: chunked"],
    ],
    ["a header of 17 kB", 431, "HeadersTooLarge", ["GET /k HTTP/1.1", `X-Long: ${"x".repeat(17_000)}`]],
    ["a folded header", 400, "InvalidRequest", ["GET /k HTTP/1.1", "X-Folded: a\r\n b"]],
    [
      "two Authorization headers",
      400,
      "InvalidRequest",
      ["GET /k HTTP/1.1", "Authorization: Bearer a", "Authorization: Bearer b"],
    ],
    ["two Host headers", 400, "InvalidRequest", ["GET /k HTTP/1.1", "Host: evil"]],
    ["two content types", 400, "InvalidRequest", ["PUT /k HTTP/1.1", "Content-Type: a/b", "Content-Type: c/d"]],
    ["another expectation", 417, "ExpectationFailed", ["PUT /k HTTP/1.1", "Expect: miracles", "Content-Length: 0"]],
    ["TRACE", 405, "MethodNotAllowed", ["TRACE /k HTTP/1.1"]],
    ["CONNECT", 405, "MethodNotAllowed", ["CONNECT evil:443 HTTP/1.1"]],
    ["PATCH", 405, "MethodNotAllowed", ["PATCH /k HTTP/1.1"]],
    ["POST", 405, "MethodNotAllowed", ["POST /k HTTP/1.1", "Content-Length: 0"]],
    ["a lower-case method", 405, "MethodNotAllowed", ["get /k HTTP/1.1"]],
    ["a raw tab in the path", 400, "InvalidRequest", ["GET /a\tb HTTP/1.1"]],
    ["raw UTF-8 in the path", 400, "InvalidRequest", ["GET /\u00C3\u00A9 HTTP/1.1"]],
    ["no HTTP", 400, "InvalidRequest", ["GET /k GOPHER/1"]],
  ])("refuses %s with %i %s", async (_name, status, expected, lines) => {
    const answer = await sendRaw(api.port, ...lines);
    expect(answer.status).toBe(status);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(code(answer)).toBe(expected);
    expect(answer.headers["allow"] !== undefined).toBe(status === 405);
  });

  it("has told its operator of nothing in all of this", () => {
    expect(api.errors).toEqual([]);
  });
});
