/** What sources of tokens work with, for tests: a clock that stands still, no waits, and nothing in the environment. */
import { Agent } from "undici";
import type { SourceWorld } from "../auth/token-source.ts";

export const NOW = new Date("2026-11-23T08:00:00.000Z");

/** Destroy its dispatcher. */
export function sourceWorld(parts: Partial<SourceWorld> = {}): SourceWorld {
  return {
    env: {},
    endpoint: new URL("https://files.example/"),
    endpointAuthorization: undefined,
    tokenFile: undefined,
    loginsPath: "/nonexistent/credentials.json",
    audience: () => Promise.resolve("https://files.example"),
    confirmedAudience: undefined,
    readStdin: () => Promise.resolve(""),
    dispatcher: new Agent(),
    now: () => NOW,
    sleep: () => Promise.resolve(),
    signal: new AbortController().signal,
    ...parts,
  };
}
