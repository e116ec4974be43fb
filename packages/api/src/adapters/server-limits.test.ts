import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApp } from "../app.ts";
import { openSocket, readAnswer, sendRaw } from "../testing/raw-http.ts";
import { TEST_APP_OPTIONS } from "../testing/start-api.ts";
import { closeServer } from "./close-server.ts";
import { listen } from "./listen.ts";
import { createNodeServer } from "./node.ts";
import { SERVER_LIMITS, type ServerLimits } from "./server-limits.ts";

interface Limited extends AsyncDisposable {
  readonly port: number;
  /** Statuses of what was refused before the app heard of it. */
  readonly refused: readonly number[];
}

async function startLimited(limits: Partial<ServerLimits>): Promise<Limited> {
  const refused: number[] = [];
  const server = createNodeServer(createApp(TEST_APP_OPTIONS), {
    onCrash: () => {},
    onRefused: (status) => void refused.push(status),
    limits: { ...SERVER_LIMITS, ...limits },
  });
  return {
    port: await listen(server, 0, "127.0.0.1"),
    refused,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await closeServer(server);
    },
  };
}

/** Short enough for a test: what is checked is that each of them works, not how long it is. */
const SHORT: Partial<ServerLimits> = {
  headersMilliseconds: 200,
  requestMilliseconds: 400,
  checkMilliseconds: 50,
  keepAliveMilliseconds: 200,
};

let api: Limited;

beforeAll(async () => {
  api = await startLimited({});
});

afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

function target(length: number): string {
  return `/k?x=${"x".repeat(length - 5)}`;
}

describe("the limits on size", () => {
  it("take a target of 8,192 characters and answer 414 to a longer one", async () => {
    expect(await sendRaw(api.port, `GET ${target(8192)} HTTP/1.1`)).toMatchObject({ status: 307 });
    const answer = await sendRaw(api.port, `GET ${target(8193)} HTTP/1.1`);
    expect(answer).toMatchObject({ status: 414, body: expect.stringContaining('"UriTooLong"') });
  });

  it("take 15 KiB of headers and answer 431 to 16, and to a target as long", async () => {
    expect(await sendRaw(api.port, "GET /k HTTP/1.1", `X-Long: ${"x".repeat(15_000)}`)).toMatchObject({ status: 307 });
    const many = Array.from({ length: 45 }, (_, at) => `X-${at}: ${"x".repeat(400)}`);
    for (const lines of [["GET /k HTTP/1.1", ...many], [`GET ${target(16_500)} HTTP/1.1`]]) {
      const answer = await sendRaw(api.port, ...lines);
      expect(answer).toMatchObject({ status: 431, ended: true, body: expect.stringContaining('"HeadersTooLarge"') });
      expect(answer.headers["connection"]).toBe("close");
    }
    expect(api.refused.filter((status) => status === 431)).toHaveLength(2);
  });

  it("drop no header, however many there are: the last of 3,000 is as good as the first", async () => {
    const many = Array.from({ length: 3000 }, () => "a:");
    const twice = [`GET /k HTTP/1.1`, "Authorization: Bearer a", ...many, "Authorization: Bearer b"];
    expect(await sendRaw(api.port, ...twice)).toMatchObject({ status: 400 });
  });
});

describe("the limits on time", () => {
  it("answer 408 to headers that do not end, and hang up", async () => {
    await using limited = await startLimited(SHORT);
    const socket = await openSocket(limited.port);
    socket.write("GET /k HTTP/1.1\r\nHost: h\r\n");
    const answer = await readAnswer(socket);
    expect(answer).toMatchObject({ status: 408, ended: true, body: expect.stringContaining('"RequestTimeout"') });
    expect(limited.refused).toEqual([408]);
  });

  it("answer 408 to a connection that says nothing", async () => {
    await using limited = await startLimited(SHORT);
    expect(await readAnswer(await openSocket(limited.port))).toMatchObject({ status: 408, ended: true });
  });

  it("hang up on a batch whose body does not end", async () => {
    await using limited = await startLimited(SHORT);
    const socket = await openSocket(limited.port);
    const started = performance.now();
    socket.write('POST /.s3r/sign HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n{"requests": [');
    expect((await readAnswer(socket)).status).toBe(408);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it("hang up on a connection that is idle between two requests, and not before", async () => {
    await using limited = await startLimited(SHORT);
    const socket = await openSocket(limited.port);
    const ended = once(socket, "end");
    const started = performance.now();
    socket.write("GET /k HTTP/1.1\r\nHost: h\r\n\r\n");
    socket.resume();
    await ended;
    expect(performance.now() - started).toBeGreaterThan(200);
    socket.destroy();
  });
});

describe("the limit on connections", () => {
  it("hangs up on what is more, and takes others again when one has ended", async () => {
    await using limited = await startLimited({ connections: 2 });
    const open = [await openSocket(limited.port), await openSocket(limited.port)];
    const third = connect(limited.port, "127.0.0.1");
    await once(third, "close");
    const [first, second] = open;
    const gone = first === undefined ? undefined : once(first, "close");
    first?.end("GET /k HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").resume();
    await gone;
    expect(await sendRaw(limited.port, "GET /k HTTP/1.1")).toMatchObject({ status: 307 });
    second?.destroy();
  });
});
