/** S3R_TOKEN_FILE: a file that something else may keep fresh, such as a projected service account token. */
import { CliError } from "../../cli-error.ts";
import { bearerCredential } from "../bearer-credential.ts";
import { readTokenFile } from "../read-token-file.ts";
import type { SourceWorld, TokenSource } from "../token-source.ts";

const NAME = "S3R_TOKEN_FILE";

function assertPath(path: string): void {
  if (path !== "" && path !== "-") return;
  throw new CliError("Usage", `${NAME} names no file`, {
    reason: path === "" ? "it is set, and empty" : "only a command line may name stdin",
    hint: path === "" ? "set it to the path of a file with a token, or unset it" : "--token-file -",
  });
}

export function tokenFileVariable({ env, now }: SourceWorld): TokenSource | undefined {
  const path = env[NAME];
  if (path === undefined) return undefined;
  return {
    id: "s3r-token-file",
    name: NAME,
    canRefresh: true,
    remedy: `put a token that this API takes into the file that ${NAME} names`,
    async load() {
      assertPath(path);
      return bearerCredential(await readTokenFile(path, NAME), { name: NAME, now: now() });
    },
  };
}
