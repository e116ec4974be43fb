#!/usr/bin/env node
/** `s3r-api`: the process around the operator's commands. */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { runAdmin } from "../admin/run-admin.ts";

process.exitCode = await runAdmin(process.argv.slice(2), {
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  readFile: async (path) => await readFile(path, "utf8"),
  random: (bytes) => randomBytes(bytes),
  now: () => new Date(),
});
