import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "./error-code.ts";
import { encodeObjectKey, parseObjectKey, parsePrefix, percentDecodeOnce } from "./object-key.ts";

function codeOf(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return error instanceof ProtocolError ? error.code : "not a ProtocolError";
  }
}

describe("parseObjectKey", () => {
  it.each([
    "a b",
    "a+b",
    "100%",
    "~x",
    "é",
    "é",
    "日本語",
    "😀",
    "(1).txt",
    "a&b=c",
    "a?b",
    "a#b",
    " x ",
    "x.",
    "...",
    "..a",
    "a:b;c@d,e",
    "-",
    "ping",
    "soap",
    "a/b/c",
    "%2e%2e",
    "k".repeat(1024),
    "語".repeat(341),
    "s3r/x",
    "a/.s3r/b",
    ".s3r2",
  ])("accepts %j and leaves it as it is", (key) => {
    expect(parseObjectKey(key)).toBe(key);
  });

  it.each([
    ["empty", ""],
    ["a dot segment", "a/./b"],
    ["a dot-dot segment", "a/../b"],
    ["a dot-dot segment at the end", "a/.."],
    ["an empty segment", "a//b"],
    ["a leading slash", "/a"],
    ["a trailing slash", "a/"],
    ["a NUL", "a\0b"],
    ["a line feed", "a\nb"],
    ["a delete character", "a\u007Fb"],
    ["a C1 control", "a\u0085b"],
    ["a backslash", "a\\b"],
    ["a lone surrogate", "a\uD800b"],
    ["1,025 bytes", "k".repeat(1025)],
    ["1,026 bytes in 342 characters", "語".repeat(342)],
    ["the reserved segment", ".s3r/health"],
    ["the reserved segment alone", ".s3r"],
  ])("refuses %s", (_name, key) => {
    expect(codeOf(() => parseObjectKey(key))).toBe("InvalidKey");
  });

  it("counts the key prefix towards the 1,024 bytes", () => {
    expect(parseObjectKey("k".repeat(1019), "pre/x"[0] + "fix/")).toHaveLength(1019);
    expect(codeOf(() => parseObjectKey("k".repeat(1020), "pfix/"))).toBe("InvalidKey");
  });

  it("round-trips every accepted key through its path, which no URL parser changes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
        fc.pre(codeOf(() => parseObjectKey(text)) === undefined);
        const path = `/${encodeObjectKey(text)}`;
        expect(percentDecodeOnce(path.slice(1))).toBe(text);
        expect(new URL(`http://host${path}`).pathname).toBe(path);
      }),
      { numRuns: 200 },
    );
  });
});

describe("parsePrefix", () => {
  it.each(["", "a/", "a", "a/b/", "日本/"])("accepts %j", (prefix) => {
    expect(parsePrefix(prefix)).toBe(prefix);
  });

  it.each(["/", "//", "a//", "../", "a/../", ".s3r/", "a\\", "\0"])("refuses %j", (prefix) => {
    expect(codeOf(() => parsePrefix(prefix))).toBe("InvalidKey");
  });
});

describe("percentDecodeOnce", () => {
  it("decodes once: an escaped escape stays one", () => {
    expect(percentDecodeOnce("%252e%252e/x")).toBe("%2e%2e/x");
    expect(percentDecodeOnce("a%2Fb")).toBe("a/b");
    expect(percentDecodeOnce("a+b")).toBe("a+b");
  });

  it.each(["%c0%ae", "%E0%80%AF", "%ED%A0%80", "%zz", "%", "%4", "é", "a b", "a#b", "a\tb", "\u007F"])(
    "refuses %j",
    (encoded) => {
      expect(codeOf(() => percentDecodeOnce(encoded))).toBe("InvalidKey");
    },
  );
});
