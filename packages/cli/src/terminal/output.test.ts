import { describe, expect, it } from "vitest";
import { CliError } from "../cli-error.ts";
import { createOutput, type OutputOptions } from "./output.ts";

const RESULT = { json: { operation: "put", key: "k" }, text: "put k" };
const FAILURE = new CliError("NotFound", "no k\u001b[2J", { reason: "it is not there", hint: "s3r ls" });

function said(
  options: Partial<OutputOptions>,
  say: (output: ReturnType<typeof createOutput>) => void,
): [string, string] {
  let [out, err] = ["", ""];
  const stdout = { write: (text: string) => (out += text) };
  const stderr = { write: (text: string) => (err += text) };
  say(createOutput({ stdout, stderr, json: false, quiet: false, verbose: false, ...options }));
  return [out, err];
}

describe("a result", () => {
  it("is data on stdout or a remark on stderr", () => {
    expect(said({}, (output) => output.result({ ...RESULT, isData: true }))).toEqual(["put k\n", ""]);
    expect(said({}, (output) => output.result({ ...RESULT, isData: false }))).toEqual(["", "put k\n"]);
  });

  it("is data even when it is quiet", () => {
    expect(said({ quiet: true }, (output) => output.result({ ...RESULT, isData: true }))).toEqual(["put k\n", ""]);
    expect(said({ quiet: true }, (output) => output.result({ ...RESULT, isData: false }))).toEqual(["", ""]);
  });

  it("is one object a line as JSON", () => {
    const line = '{"ok":true,"operation":"put","key":"k"}\n';
    expect(said({ json: true, quiet: true }, (output) => output.result({ ...RESULT, isData: false }))).toEqual([
      line,
      "",
    ]);
  });
});

describe("an error", () => {
  it("has three lines, which steer no terminal, however quiet it is", () => {
    const lines = "s3r: error: no k\\x1b[2J\n  because: it is not there\n  try: s3r ls\n";
    expect(said({ quiet: true }, (output) => output.error(FAILURE))).toEqual(["", lines]);
  });

  it("is an object on stdout as JSON, with what it is about", () => {
    const [out, err] = said({ json: true }, (output) => output.error(FAILURE, { key: "k" }));
    const error = {
      code: "NotFound",
      message: "no k\u001b[2J",
      reason: "it is not there",
      hint: "s3r ls",
      exitCode: 3,
    };
    expect([JSON.parse(out), err]).toEqual([{ ok: false, key: "k", error }, ""]);
  });
});

describe("a trace", () => {
  it("is for -v, a remark for everybody who did not ask for silence", () => {
    expect(said({}, (output) => output.trace("GET k"))).toEqual(["", ""]);
    expect(said({ verbose: true }, (output) => output.trace("GET k"))).toEqual(["", "s3r: GET k\n"]);
    expect(said({}, (output) => output.remark("done"))).toEqual(["", "done\n"]);
    expect(said({ json: true }, (output) => output.remark("done"))).toEqual(["", ""]);
  });
});
