/** What to do about a 401: it depends on where the token came from, or why there was none. */
import { CliError } from "../cli-error.ts";
import type { Environment, TokenSource } from "./token-source.ts";

const WAYS =
  "give a token: s3r login, --token-file FILE, S3R_TOKEN_FILE or S3R_TOKEN; in GitHub Actions, GitLab, Buildkite and CircleCI the job's own will do";

const GITHUB_PERMISSION =
  "let the job have a token of its own: add `permissions: id-token: write` to it (GitHub gives none to forks); or set S3R_TOKEN";

function hintWithout(env: Environment): string {
  return env["GITHUB_ACTIONS"] === "true" ? GITHUB_PERMISSION : WAYS;
}

/** @param refusal what the API said with a 401. */
export function explainRefusal(refusal: CliError, source: TokenSource | undefined, env: Environment): CliError {
  const said = refusal.reason ?? "it did not say why";
  return new CliError(refusal.code, refusal.message, {
    reason: source === undefined ? `${said} (no token was sent)` : `${said} (token from ${source.name})`,
    hint: source === undefined ? hintWithout(env) : source.remedy,
    cause: refusal,
  });
}
