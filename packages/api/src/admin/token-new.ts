/** `s3r-api token new`: a token, shown once, and what to write into the policy so that it is known. */
import { createToken } from "../auth/new-token.ts";
import { complainAboutTokenEntry } from "../policy/check-token-entry.ts";
import { AdminError } from "./admin-error.ts";
import type { AdminWorld } from "./admin-world.ts";

export interface NewTokenOptions {
  readonly name: string;
  readonly expires: string | undefined;
}

/** The token goes to stdout alone, so that it can be piped into a secret store; the rest is on stderr. */
export function tokenNew({ name, expires }: NewTokenOptions, { stdout, stderr, random }: AdminWorld): void {
  const { token, sha256 } = createToken(random);
  const entry = { name, sha256, ...(expires === undefined ? {} : { expires }) };
  const [complaint] = complainAboutTokenEntry(entry);
  if (complaint !== undefined) throw new AdminError(complaint);
  const lines = Object.entries(entry).map(
    ([member, value], index) => `  ${index === 0 ? "-" : " "} ${member}: ${value}`,
  );
  stdout(`${token}\n`);
  stderr(
    `\nThis is the only time that the token is shown. For the policy, which knows its SHA-256 alone:\n\ntokens:\n${lines.join("\n")}\n`,
  );
}
