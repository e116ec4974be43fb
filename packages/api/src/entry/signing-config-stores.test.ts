/** docs/stores.md: every block of settings can be used, and signs for the address that the page claims. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { createBucketAddressing } from "../sign/bucket.ts";
import { parseServerConfig } from "./server-config.ts";

const PAGE = readFileSync(fileURLToPath(new URL("../../../../docs/stores.md", import.meta.url)), "utf8");

interface Example {
  readonly store: string;
  readonly env: Readonly<Record<string, string>>;
  readonly address: string;
}

function parseEnv(block: string): Readonly<Record<string, string>> {
  return Object.fromEntries(block.split("\n").map((line) => line.split("=", 2)));
}

/** A block and the line of code after it; the store is the heading above. */
function readExamples(page: string): readonly Example[] {
  return page.split(/^## /mu).flatMap((section) => {
    const store = section.split("\n", 1)[0] ?? "";
    return [...section.matchAll(/```env\n([^`]+)\n```\n\n`([^`]+)`/gu)].map(([, block = "", address = ""]) => ({
      store,
      env: parseEnv(block),
      address,
    }));
  });
}

const EXAMPLES = readExamples(PAGE);

describe("docs/stores.md", () => {
  it("has an address below every block", () => {
    expect(EXAMPLES).toHaveLength(PAGE.match(/^```env$/gmu)?.length ?? 0);
    expect(EXAMPLES.length).toBeGreaterThan(12);
  });

  it.each(EXAMPLES)("is right about $store: $address", ({ env, address }) => {
    const parsed = parseServerConfig(env);
    if (!parsed.ok) throw new Error(parsed.complaints.join("\n"));
    const { protocol, host, path } = createBucketAddressing(parsed.config.bucket)({
      name: "GetObject",
      key: "a/b.txt",
      query: {},
    });
    expect(`${protocol}//${host}${path}`).toBe(address);
  });

  it("names no variable that is not read", () => {
    const variables = [...PAGE.matchAll(/^\| `(S3R_\w+)`/gmu)].map(([, name = ""]) => name);
    const nonsense = parseServerConfig(Object.fromEntries(variables.map((name) => [name, "%"])));
    const complaints = nonsense.ok ? [] : nonsense.complaints.map((complaint) => complaint.split(" ", 1)[0]);
    expect(new Set(complaints)).toEqual(new Set(variables));
  });
});
