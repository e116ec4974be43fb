/** Policies for tests that are about something else. */
import { createHash } from "node:crypto";
import { TEST_TOKEN } from "./secret.ts";

export function sha256Hex(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Everyone may do all, with the test's token or without. */
export const OPEN_WITH_TOKEN = `
version: 1
tokens: [{ name: bot, sha256: ${sha256Hex(TEST_TOKEN)} }]
statements: [{ principals: [anonymous, bot], actions: [read, write, delete, list], keys: "**" }]
`;
