/** C18: a caching nginx in front of the API, for two tenants: what one got, the other never gets. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { rm, writeFile } from "node:fs/promises";
import { createServer as createNetServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256Hex } from "./harness/policies.ts";
import { curl } from "./harness/run.ts";
import { startServe, startStack, stopProcess, temporaryDirectory, type Served, type Stack } from "./harness/stack.ts";

const TOKENS = { alice: "alice-t0p-s3cret", bob: "bob-t0p-s3cret" };

const POLICY = `
version: 1
tokens:
  - { name: alice, sha256: ${sha256Hex(TOKENS.alice)} }
  - { name: bob, sha256: ${sha256Hex(TOKENS.bob)} }
statements:
  - { principals: alice, actions: [read, write], keys: alice/** }
  - { principals: bob, actions: [read, write], keys: bob/** }
`;

let stack: Stack;
let served: Served;
let directory: string;
let front: string;
let nginx: ReturnType<typeof spawn>;

/** Answers that any cache may keep: shows that this one does. */
const cacheable = createServer((_request, response) => {
  response.writeHead(307, { location: "/elsewhere", "cache-control": "max-age=60", "content-length": 0 }).end();
});

async function freePort(): Promise<number> {
  const probe = createNetServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

function configuration(port: number, api: string, other: string): string {
  return `
daemon off; master_process off; pid ${directory}/pid; error_log ${directory}/error.log;
events {}
http {
  access_log off;
  client_body_temp_path ${directory}/body; proxy_temp_path ${directory}/proxy; fastcgi_temp_path ${directory}/f; uwsgi_temp_path ${directory}/u; scgi_temp_path ${directory}/s;
  proxy_cache_path ${directory}/cache keys_zone=zone:1m;
  server {
    listen 127.0.0.1:${port};
    proxy_cache zone;
    proxy_cache_valid any 10m;
    proxy_cache_methods GET HEAD;
    add_header X-Cache $upstream_cache_status always;
    location / { proxy_pass ${api}; }
    location /cacheable { proxy_pass ${other}; }
  }
}`;
}

beforeAll(async () => {
  stack = await startStack();
  served = await startServe(stack, stack.store, { S3R_POLICY: POLICY });
  directory = await temporaryDirectory();
  cacheable.listen(0, "127.0.0.1");
  await once(cacheable, "listening");
  const address = cacheable.address();
  const other = typeof address === "object" && address !== null ? address.port : 0;
  const port = await freePort();
  front = `http://127.0.0.1:${port}`;
  await writeFile(join(directory, "nginx.conf"), configuration(port, served.api, `http://127.0.0.1:${other}`));
  nginx = spawn("nginx", ["-c", join(directory, "nginx.conf")], { stdio: "inherit" });
  while ((await curl(["-f", `${front}/.s3r/health`])).code !== 0) await delay(50);
});

afterAll(async () => {
  await stopProcess(nginx, "SIGTERM");
  cacheable.closeAllConnections();
  cacheable.close();
  await served[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

interface Seen {
  readonly status: string;
  readonly cache: string;
}

async function get(path: string, who?: keyof typeof TOKENS): Promise<Seen> {
  const credentials = who === undefined ? [] : ["-H", `Authorization: Bearer ${TOKENS[who]}`];
  const { stdout } = await curl(["-D", "-", "-o", "/dev/null", ...credentials, front + path]);
  return {
    status: /^HTTP\/1\.1 (\d+)/u.exec(stdout)?.[1] ?? "",
    cache: /^x-cache: (\S+)/imu.exec(stdout)?.[1] ?? "",
  };
}

describe("a caching nginx", () => {
  it("does cache what may be cached", async () => {
    expect(await get("/cacheable")).toEqual({ status: "307", cache: "MISS" });
    expect(await get("/cacheable")).toEqual({ status: "307", cache: "HIT" });
  });

  it("C18: keeps no 307, no 401 and no 403 of the API", async () => {
    const before = served.accessLog().length;
    const asked: (readonly [who: keyof typeof TOKENS | undefined, status: string])[] = [
      ["alice", "307"],
      ["bob", "403"],
      [undefined, "401"],
      ["alice", "307"],
      ["bob", "403"],
      [undefined, "401"],
    ];
    for (const [who, status] of asked) expect(await get("/alice/k", who)).toEqual({ status, cache: "MISS" });
    expect(served.accessLog().length - before).toBe(asked.length);
  });
});
