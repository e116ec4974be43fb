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
      faults: {},
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
        "--fault",
        "slow-down=0.1",
        "--fault=corrupt=1",
        "--json",
      ]),
    ).toEqual({
      port: 0,
      storePort: 1,
      directory: "d",
      bucket: "my.bucket",
      json: true,
      policy: "p.yaml",
      faults: { "slow-down": 0.1, corrupt: 1 },
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
    [["--fault", "slow-down"]],
    [["--fault", "slow-down=2"]],
    [["--fault", "slow=0.1"]],
  ])("refuses %j with the usage", (args) => {
    expect(() => parseDevOptions(args)).toThrow(UsageError);
    expect(() => parseDevOptions(args)).toThrow(/usage: start/u);
  });
});
