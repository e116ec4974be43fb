import { execFile } from "node:child_process";
import { createServer, type Server } from "node:http";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { invalidToken, unauthenticated } from "./unauthenticated.ts";

const run = promisify(execFile);
const CREDENTIALS = `Basic ${Buffer.from("user:s3r_token").toString("base64")}`;

describe("unauthenticated", () => {
  it("offers Basic and Bearer, and no error when nothing was presented (RFC 6750 3.1)", () => {
    expect(unauthenticated("send a token")).toMatchObject({
      code: "Unauthenticated",
      message: "send a token",
      headers: { "www-authenticate": 'Basic realm="s3r", charset="UTF-8", Bearer realm="s3r"' },
    });
  });

  it("says in the challenge too why a token is no good", () => {
    expect(invalidToken("it has expired").headers["www-authenticate"]).toBe(
      'Basic realm="s3r", charset="UTF-8", Bearer realm="s3r", error="invalid_token", error_description="it has expired"',
    );
  });
});

/** Asks `/` without credentials first, and must understand the challenge. */
const CLIENTS: readonly (readonly [string, (url: string) => readonly string[]])[] = [
  ["curl", (url) => ["-q", "-fsS", "--anyauth", "-u", "user:s3r_token", url]],
  ["wget", (url) => ["--no-config", "-q", "-O", "-", "--user", "user", "--password", "s3r_token", url]],
  [
    "git",
    (url) => ["-c", "credential.helper=!f() { echo username=user; echo password=s3r_token; }; f", "ls-remote", url],
  ],
];

async function isInstalled([client]: (typeof CLIENTS)[number]): Promise<boolean> {
  return await run(client, ["--version"]).then(
    () => true,
    () => false,
  );
}

const found = await Promise.all(CLIENTS.map(isInstalled));

describe.each([unauthenticated("send a token"), invalidToken("it has expired")])(
  "the challenge of %s",
  ({ headers }) => {
    let server: Server;
    let url: string;
    let seen: (string | undefined)[];

    beforeAll(async () => {
      server = createServer(({ headers: { authorization } }, response) => {
        seen.push(authorization);
        // The advertisement of an empty repository, for git: https://git-scm.com/docs/gitprotocol-http
        response.setHeader("content-type", "text/plain");
        if (authorization === CREDENTIALS) response.end();
        else response.writeHead(401, headers).end();
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const address = server.address();
      url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/`;
    });

    afterAll(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });

    it.each(CLIENTS.filter((_client, index) => found[index]))(
      "brings %s to send the token as a password",
      async (client, toArguments) => {
        seen = [];
        await run(client, toArguments(url));
        expect(seen[0]).toBeUndefined();
        expect(seen.at(-1)).toBe(CREDENTIALS);
      },
    );
  },
);
