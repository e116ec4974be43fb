/** A store under test: our API in front of the S3 that `S3R_TEST_S3_…` names, and the clients that the checks use. */
import { readFile, rm } from "node:fs/promises";
import { keyPath } from "../harness/keys.ts";
import { curl, s3r, type Finished } from "../harness/run.ts";
import { startServe, temporaryDirectory, type Served } from "../harness/stack.ts";
import { ask, type Answer, type Question } from "./ask.ts";
import { readTarget } from "./read-target.ts";

export interface Wanted extends Omit<Question, "url"> {
  /** Encoded, without `?`. */
  readonly query?: string;
}

export interface Store extends AsyncDisposable {
  readonly api: string;
  /** For what the checks write; it goes with the store. */
  readonly directory: string;
  /** A key that no other check uses, below this run's own prefix. */
  key(name: string): string;
  /** By `curl -L` of the API. */
  ask(key: string, wanted: Wanted): Promise<Answer>;
  /** Of a URL as it is, such as a presigned one. */
  askUrl(question: Question): Promise<Answer>;
  /** The URL that the API signs for a request with these headers, without sending a body. */
  presign(key: string, wanted: Pick<Wanted, "method" | "headers" | "query">): Promise<string>;
  /** The URL that another API signs for a GET. */
  presignAt(api: string, key: string): Promise<string>;
  s3r(...args: readonly string[]): Promise<Finished>;
  /** With a file on stdin. */
  s3rReading(file: string, ...args: readonly string[]): Promise<Finished>;
  /** The same API with other settings. */
  serve(env: Readonly<Record<string, string>>): Promise<Served>;
}

function urlOf(api: string, key: string, query: string | undefined): string {
  return `${api}/${keyPath(key)}${query === undefined ? "" : `?${query}`}`;
}

async function presign(url: string, { method, headers = [] }: Pick<Wanted, "method" | "headers">): Promise<string> {
  const args = method === "HEAD" ? ["-I"] : ["-X", method];
  const announced = headers.flatMap((header) => ["-H", header]);
  const { stdout, stderr } = await curl([...args, ...announced, "-o", "/dev/null", "-w", "%{redirect_url}", url]);
  if (stdout === "") throw new Error(`the API signed nothing: ${stderr}`);
  return stdout;
}

/** One prefix a test file: files run at once, and what they list must be theirs. */
function createKeys(): (name: string) => string {
  const prefix = `s3r-test-${Date.now().toString(36)}${Math.random().toString(36).slice(2, 6)}`;
  let number = 0;
  return (name) => {
    number += 1;
    return `${prefix}/${number}/${name}`;
  };
}

export async function openStore(): Promise<Store> {
  const target = readTarget(process.env);
  const serve = async (env: Readonly<Record<string, string>>): Promise<Served> =>
    await startServe(target, target.endpoint, env);
  const served = await serve({});
  const directory = await temporaryDirectory();
  const key = createKeys();
  const options = { cwd: directory, env: { XDG_STATE_HOME: directory } };
  const run = async (...args: readonly string[]): Promise<Finished> => await s3r(served.api, args, options);
  return {
    api: served.api,
    directory,
    key,
    ask: async (name, { query, ...question }) =>
      await ask({ ...question, url: urlOf(served.api, name, query) }, directory),
    askUrl: async (question) => await ask(question, directory),
    presign: async (name, wanted) => await presign(urlOf(served.api, name, wanted.query), wanted),
    presignAt: async (api, name) => await presign(urlOf(api, name, undefined), { method: "GET" }),
    s3r: run,
    s3rReading: async (file, ...args) => await s3r(served.api, args, { ...options, input: await readFile(file) }),
    serve,
    async [Symbol.asyncDispose]() {
      const [root = ""] = key("").split("/");
      await run("rm", "-q", "-r", "--force", "--if-no-files-found", "ignore", `${root}/`);
      await served[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
