/** `--token-file FILE`; `-` is stdin. */
import { bearerCredential } from "../bearer-credential.ts";
import { readTokenFile } from "../read-token-file.ts";
import type { SourceWorld, TokenSource } from "../token-source.ts";

const STDIN = "-";

export function tokenFileOption({ tokenFile, readStdin, now }: SourceWorld): TokenSource | undefined {
  if (tokenFile === undefined) return undefined;
  const isStdin = tokenFile === STDIN;
  const name = isStdin ? "--token-file - (stdin)" : "--token-file";
  return {
    id: "token-file",
    name,
    canRefresh: !isStdin,
    remedy: isStdin ? "pipe a token that this API takes" : "put a token that this API takes into that file",
    async load() {
      const text = isStdin ? await readStdin() : await readTokenFile(tokenFile, name);
      return bearerCredential(text, { name, now: now() });
    },
  };
}
