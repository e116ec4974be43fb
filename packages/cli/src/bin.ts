#!/usr/bin/env node
/** The process: signals, streams and the exit code. */
import * as nodeModule from "node:module";
import manifest from "../package.json" with { type: "json" };
import { boundHeap } from "./bound-heap.ts";
import { CliError } from "./cli-error.ts";
import { nodeComplaint } from "./node-version.ts";

const complaint = nodeComplaint(process.versions.node);
if (complaint !== undefined) {
  process.stderr.write(complaint);
  process.exit(2);
}

// Before anything large is loaded: half of a short command's time goes on compiling it.
nodeModule.enableCompileCache();
const { run } = await import("./run.ts");
boundHeap();

const interruption = new AbortController();

/** As a shell reports what SIGPIPE has ended; Node ignores the signal. */
const SIGPIPE_EXIT_CODE = 141;

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

// `s3r get key - | head`: whoever read has read enough, and is told nothing. Not 0: other work may be left undone.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(SIGPIPE_EXIT_CODE);
  throw error;
});

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interruption.signal,
  version: manifest.version,
});
