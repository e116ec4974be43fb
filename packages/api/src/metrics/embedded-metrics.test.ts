import * as v from "valibot";
import { describe, expect, it } from "vitest";
import type { AccessLogEntry } from "../access-record.ts";
import { createApp } from "../app.ts";
import { createAccessLog } from "../entry/create-access-log.ts";
import { TEST_APP_OPTIONS } from "../testing/start-api.ts";
import { embeddedMetrics } from "./embedded-metrics.ts";

const UNITS = ["Seconds", "Microseconds", "Milliseconds", "Bytes", "Percent", "Count", "None"] as const;

/** The specification's schema ("Embedded metric format schema"), with the limits that its text adds. */
const SPECIFIED = v.looseObject({
  _aws: v.strictObject({
    Timestamp: v.pipe(v.number(), v.integer()),
    CloudWatchMetrics: v.array(
      v.strictObject({
        Namespace: v.pipe(v.string(), v.minLength(1), v.maxLength(1024)),
        Dimensions: v.pipe(
          v.array(
            v.pipe(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(250))), v.minLength(1), v.maxLength(30)),
          ),
          v.minLength(1),
        ),
        Metrics: v.pipe(
          v.array(
            v.strictObject({
              Name: v.pipe(v.string(), v.minLength(1), v.maxLength(1024)),
              Unit: v.optional(v.picklist(UNITS)),
              StorageResolution: v.optional(v.picklist([1, 60])),
            }),
          ),
          v.maxLength(100),
        ),
      }),
    ),
  }),
});

const ENTRY: AccessLogEntry = {
  time: "2026-11-23T06:00:00.000Z",
  requestId: "r1",
  client: "192.0.2.1",
  method: "GET",
  operation: "GetObject",
  key: "secret-key",
  principal: "alice",
  decision: "allow",
  status: 307,
  milliseconds: 1.25,
  signingMilliseconds: 0.5,
};

/** Checks a line against the specification, the references to its root included. */
function expectEmbeddedMetrics(line: string): Readonly<Record<string, unknown>> {
  const root = v.parse(SPECIFIED, JSON.parse(line));
  for (const { Dimensions, Metrics } of root["_aws"].CloudWatchMetrics) {
    for (const name of Dimensions.flat()) expect(root[name]).toEqual(expect.stringMatching(/^[\x20-\x7e]{1,1024}$/u));
    for (const { Name } of Metrics) expect(root[Name]).toEqual(expect.any(Number));
  }
  return root;
}

describe("embeddedMetrics", () => {
  it("is a line of the embedded metric format, with the dimensions of the counters and no name of anyone", () => {
    const line = embeddedMetrics(ENTRY);
    expect(expectEmbeddedMetrics(line)).toEqual({
      _aws: {
        Timestamp: Date.UTC(2026, 10, 23, 6),
        CloudWatchMetrics: [
          {
            Namespace: "s3r",
            Dimensions: [["operation", "decision", "status"]],
            Metrics: [
              { Name: "requests", Unit: "Count" },
              { Name: "duration", Unit: "Milliseconds" },
              { Name: "signing", Unit: "Milliseconds" },
            ],
          },
        ],
      },
      operation: "GetObject",
      decision: "allow",
      status: "307",
      requests: 1,
      duration: 1.25,
      signing: 0.5,
    });
  });

  it("leaves out the signing time of what was not signed", () => {
    const root = expectEmbeddedMetrics(
      embeddedMetrics({ time: ENTRY.time, requestId: "r2", method: "GET", status: 400, milliseconds: 0.1 }),
    );
    expect(root).toMatchObject({ operation: "none", decision: "none", status: "400" });
    expect(root).not.toHaveProperty("signing");
    expect(JSON.stringify(root)).not.toContain("signing");
  });
});

describe("createAccessLog", () => {
  it.each([true, false])("follows each line with its measurements where that was asked for: %s", async (isEmbedded) => {
    let text = "";
    const onAccess = createAccessLog({ write: (chunk) => (text += chunk) }, isEmbedded);
    const app = createApp({ ...TEST_APP_OPTIONS, onAccess });
    await app(new Request("http://s3r.invalid/"), "/k", { client: "192.0.2.1" });
    const [log = "", metrics, ...rest] = text.trimEnd().split("\n");
    expect(JSON.parse(log)).toMatchObject({ operation: "GetObject", client: "192.0.2.1", status: 307 });
    expect(metrics === undefined).toBe(!isEmbedded);
    if (metrics !== undefined) expectEmbeddedMetrics(metrics);
    expect(rest).toEqual([]);
  });
});
