import { describe, expect, it } from "vitest";
import { nodeComplaint } from "./node-version.ts";

describe("nodeComplaint", () => {
  it.each(["22.19.0", "22.22.3", "24.0.0", "26.10.0"])("says nothing of %s", (version) => {
    expect(nodeComplaint(version)).toBeUndefined();
  });

  it.each(["18.20.8", "20.20.2", "22.18.0", "21.99.0"])("says what %s is too old for, and what to do", (version) => {
    expect(nodeComplaint(version)).toMatch(/^s3r: error: .* is too old\n {2}because: .*22\.19.*\n {2}try: .*\n$/u);
  });
});
