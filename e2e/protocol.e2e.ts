/** Replays every transcript of `docs/protocol/`. */
import { readdir, readFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { curl } from "./harness/run.ts";
import { startStack, type Stack } from "./harness/stack.ts";
import {
  match,
  parseTranscripts,
  substitute,
  type Exchange,
  type Message,
  type Variables,
} from "./harness/transcript.ts";

const PAGES = new URL("../docs/protocol/", import.meta.url);

interface Answer {
  readonly startLine: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** Sends exactly what the transcript shows, and a `Host`. */
async function send(api: string, message: Message): Promise<Answer> {
  const [method = "", target = ""] = message.startLine.split(" ");
  const url = target.startsWith("/") ? api + target : target;
  return await new Promise((resolve, reject) => {
    const request = httpRequest(
      url,
      { method, headers: ["Host", new URL(url).host, ...message.headers.flat()] },
      (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (body += chunk));
        response.on("end", () => {
          const startLine = `HTTP/${response.httpVersion} ${response.statusCode} ${response.statusMessage}`;
          resolve({ startLine, headers: response.headers, body });
          request.destroy();
        });
      },
    );
    request.on("error", reject);
    // A transcript that shows no body waits for the answer with its body still to come.
    if (message.body === "") request.flushHeaders();
    if (message.body !== "" || !message.headers.some(([name]) => name === "Expect")) request.end(message.body);
  });
}

function expectAnswer(expected: Message, answer: Answer): Variables {
  const found: Variables = {};
  expect(answer.startLine).toBe(expected.startLine);
  for (const [name, pattern] of expected.headers) {
    const value = String(answer.headers[name.toLowerCase()]);
    const variables = match(pattern, value);
    expect(variables, `${name}: ${value} is not ${pattern}`).toBeDefined();
    Object.assign(found, variables);
  }
  const variables = expected.body === "" ? {} : match(expected.body.trimEnd(), answer.body.trimEnd());
  expect(variables, `${answer.body} is not ${expected.body}`).toBeDefined();
  return Object.assign(found, variables);
}

async function replay(api: string, exchanges: readonly Exchange[], given: Variables): Promise<void> {
  const variables = { ...given };
  for (const { request, answer } of exchanges) {
    const sent = {
      startLine: substitute(request.startLine, variables),
      headers: request.headers,
      body: substitute(request.body, variables),
    };
    Object.assign(variables, expectAnswer(answer, await send(api, sent)));
  }
}

let stack: Stack;

/** What the pages say is there: an object, and an upload with its first part. */
async function prepare(page: string): Promise<Variables> {
  for (const key of ["new%20file.txt", "new.txt", "large.bin"])
    await curl(["-fL", "-X", "DELETE", `${stack.api}/docs/${key}`]);
  const put = await curl(
    [
      "-fL",
      "-T",
      "-",
      "-H",
      "Content-Length: 14",
      "-H",
      "Transfer-Encoding:",
      "-H",
      "Content-Type: text/plain",
      "-H",
      "x-amz-checksum-crc32: /M271w==",
      `${stack.api}/docs/hello.txt`,
    ],
    { input: "Hello, world.\n" },
  );
  expect(put).toMatchObject({ code: 0 });
  if (!/multipart|part/u.test(page)) return {};
  const created = await curl(["-fL", "--post301", "-X", "POST", `${stack.api}/docs/large.bin?uploads`]);
  const uploadId = /<UploadId>(.*?)<\/UploadId>/u.exec(created.stdout)?.[1] ?? "";
  if (page === "upload-part.md") return { uploadId };
  const part = await curl(
    [
      "-fL",
      "-T",
      "-",
      "-D",
      "-",
      "-H",
      "Content-Length: 7",
      "-H",
      "Transfer-Encoding:",
      `${stack.api}/docs/large.bin?partNumber=1&uploadId=${uploadId}`,
    ],
    { input: "part 1\n" },
  );
  return { uploadId, etag: /^etag: (.*?)\r$/imu.exec(part.stdout.split("\r\n\r\n").slice(-2)[0] + "\r\n")?.[1] ?? "" };
}

beforeAll(async () => {
  stack = await startStack();
});

afterAll(async () => {
  await stack[Symbol.asyncDispose]();
});

const pages = (await readdir(PAGES)).filter((name) => name !== "README.md");

describe("docs/protocol", () => {
  it("has a page for every operation, and one for batches", async () => {
    const overview = await readFile(new URL("README.md", PAGES), "utf8");
    expect(pages.toSorted((a, b) => a.localeCompare(b))).toEqual(
      [...overview.matchAll(/\]\(([a-z0-9-]+\.md)\)/gu)]
        .map(([, name = ""]) => name)
        .toSorted((a, b) => a.localeCompare(b)),
    );
    expect(pages).toHaveLength(11);
  });

  it.each(pages)("%s is what happens", async (page) => {
    const exchanges = parseTranscripts(await readFile(new URL(page, PAGES), "utf8"));
    expect(exchanges.length).toBeGreaterThan(1);
    await replay(stack.api, exchanges, await prepare(page));
  });
});
