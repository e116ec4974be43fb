/** `s3r` without a process of its own: the same `run`, with streams that are kept. */
import { Readable, Writable } from "node:stream";
import { run } from "../run.ts";
import type { InputStream } from "../terminal/streams.ts";

export interface CliRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Where configuration is looked for. Paths of files are the process's: give absolute ones. */
  readonly cwd: string;
  readonly signal?: AbortSignal;
  /** Empty where there is none. */
  readonly stdin?: string | InputStream;
}

function collect(chunks: Buffer[]): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
}

export async function runCli(
  args: readonly string[],
  { env = {}, cwd, signal, stdin = "" }: CliOptions,
): Promise<CliRun> {
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  const code = await run(args, {
    env: { HOME: cwd, ...env },
    cwd,
    stdin: typeof stdin === "string" ? Readable.from(stdin === "" ? [] : [Buffer.from(stdin)]) : stdin,
    stdout: collect(out),
    stderr: collect(err),
    signal: signal ?? new AbortController().signal,
    version: "1.2.3",
  });
  return { code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
}
