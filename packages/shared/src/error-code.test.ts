import { describe, expect, it } from "vitest";
import { isProblem, ProtocolError, toProblem } from "./error-code.ts";

describe("toProblem", () => {
  it("gives the members of RFC 9457 and s3r's code and request id", () => {
    expect(toProblem(new ProtocolError("MethodNotAllowed", "use GET"), "r1")).toEqual({
      type: "urn:s3r:problem:MethodNotAllowed",
      title: "Method not allowed",
      status: 405,
      detail: "use GET",
      code: "MethodNotAllowed",
      requestId: "r1",
    });
  });
});

describe("isProblem", () => {
  it("knows its own", () => {
    expect(isProblem(toProblem(new ProtocolError("InvalidKey", "no"), "r1"))).toBe(true);
  });

  it.each([null, 1, "x", [], {}, { code: "InvalidKey" }, { code: "toString", detail: "d", status: 400 }])(
    "does not take %j for one",
    (value) => {
      expect(isProblem(value)).toBe(false);
    },
  );
});
