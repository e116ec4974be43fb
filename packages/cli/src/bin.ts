#!/usr/bin/env node
/** The process: signals, streams and the exit code. */
import { readFileSync } from "node:fs";
import { CliError } from "./cli-error.ts";
import { run } from "./run.ts";

const interruption = new AbortController();

function onSignal(signal: "SIGINT" | "SIGTERM"): void {
  process.once(signal, () => {
    // A second one ends the process at once, as Node does without a listener.
    interruption.abort(
      signal === "SIGINT" ? new CliError("Interrupted", "interrupted") : new CliError("Terminated", "terminated"),
    );
  });
}

onSignal("SIGINT");
onSignal("SIGTERM");

// `s3r get key - | head`: whoever read has read enough.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

function readVersion(): string {
  const manifest: { readonly version: string } = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  );
  return manifest.version;
}

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interruption.signal,
  version: readVersion(),
});
