import { describe, expect, it } from "vitest";
import { parseDevOptions, UsageError } from "./dev-options.ts";

describe("parseDevOptions", () => {
  it("has a default for everything", () => {
    expect(parseDevOptions([])).toEqual({
      port: 8787,
      storePort: 8788,
      directory: ".s3r-data",
      bucket: "dev",
      json: false,
      policy: undefined,
    });
  });

  it("reads every option", () => {
    expect(
      parseDevOptions([
        "--port",
        "0",
        "--store-port=1",
        "--data",
        "d",
        "--bucket",
        "my.bucket",
        "--policy",
        "p.yaml",
        "--json",
      ]),
    ).toEqual({
      port: 0,
      storePort: 1,
      directory: "d",
      bucket: "my.bucket",
      json: true,
      policy: "p.yaml",
    });
  });

  it.each([
    [["--port", "http"]],
    [["--port", "65536"]],
    [["--store-port", "-1"]],
    [["--bucket", "No"]],
    [["--bucket", "a..b"]],
    [["--prot", "1"]],
    [["stray"]],
  ])("refuses %j with the usage", (args) => {
    expect(() => parseDevOptions(args)).toThrow(UsageError);
    expect(() => parseDevOptions(args)).toThrow(/usage: start/u);
  });
});
