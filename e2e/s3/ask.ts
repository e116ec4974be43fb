/** One request by curl, as a script would send it, and all that came back. */
import { randomUUID } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { curl } from "../harness/run.ts";

export interface Question {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** Absolute. */
  readonly url: string;
  /** As `name: value`. */
  readonly headers?: readonly string[];
  readonly body?: string | Uint8Array;
}

export interface Answer {
  /** Of all answers, in their order, without 100. */
  readonly statuses: readonly number[];
  /** Of the last answer. */
  readonly status: number;
  /** The `<Code>` of S3, or the `code` of a problem; empty without one. */
  readonly code: string;
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

interface Head {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

function parseHead(text: string): Head {
  const [startLine = "", ...lines] = text.split("\r\n");
  const fields = lines.map((line) => /^([^:]+):\s*(.*)$/u.exec(line));
  return {
    status: Number(startLine.split(" ")[1]),
    headers: Object.fromEntries(fields.map((field) => [(field?.[1] ?? "").toLowerCase(), field?.[2] ?? ""])),
  };
}

function parseHeads(text: string): readonly Head[] {
  const heads = text.split("\r\n\r\n").filter((head) => head.startsWith("HTTP/"));
  return heads.map(parseHead).filter(({ status }) => status >= 200);
}

function parseCode(body: Buffer): string {
  const text = body.toString("utf8", 0, 4096);
  return (/<Code>([^<]*)<\/Code>/u.exec(text) ?? /^\{.*"code":"([^"]*)"/su.exec(text))?.[1] ?? "";
}

function bodyArguments({ method, body }: Question, file: string): readonly string[] {
  if (method === "HEAD") return ["-I"];
  if (body === undefined) return ["-X", method];
  return method === "PUT" ? ["-T", file] : ["-X", method, "--data-binary", `@${file}`];
}

/** @param directory for the files that curl reads and writes; they are gone afterwards. @throws Error when there was no answer. */
export async function ask(question: Question, directory: string): Promise<Answer> {
  const base = join(directory, randomUUID());
  const [sent, head, got] = [`${base}.sent`, `${base}.head`, `${base}.body`];
  if (question.body !== undefined) await writeFile(sent, question.body);
  const headers = (question.headers ?? []).flatMap((header) => ["-H", header]);
  // A refusal may come before the body has gone, and end the connection: that is an answer all the same.
  const args = ["-L", "--path-as-is", ...bodyArguments(question, sent), ...headers, "-D", head, "-o", got];
  const { stderr } = await curl([...args, question.url]);
  const heads = parseHeads(await readFile(head, "utf8").catch(() => ""));
  const last = heads.at(-1);
  if (last === undefined) throw new Error(`no answer: ${stderr}`);
  const body = question.method === "HEAD" ? Buffer.alloc(0) : await readFile(got).catch(() => Buffer.alloc(0));
  await Promise.all([sent, head, got].map((file) => rm(file, { force: true })));
  return { ...last, statuses: heads.map(({ status }) => status), code: parseCode(body), body };
}
