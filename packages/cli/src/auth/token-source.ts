/** What a place that a token may come from is, and what it works with. Which of them is used, `find-sources.ts` says. */
import type { Dispatcher } from "undici";

/** What goes to the API, and for how long. */
export interface Credential {
  /** The value of the header: a secret. */
  readonly authorization: string;
  readonly obtainedAt: Date;
  /** Nothing where it says of no end. */
  readonly expiresAt: Date | undefined;
}

export interface TokenSource {
  /** Stable, for `--json`. */
  readonly id: SourceId;
  /** For people, as in "token from NAME". */
  readonly name: string;
  /** Whether loading again can bring another token. */
  readonly canRefresh: boolean;
  /** What to do when its token has expired or is refused. */
  readonly remedy: string;
  /** @throws CliError that names the source, never the token. */
  readonly load: () => Promise<Credential>;
}

export type SourceId =
  | "token-file"
  | "endpoint"
  | "s3r-token-file"
  | "s3r-token"
  | "github-actions"
  | "gitlab"
  | "buildkite"
  | "circleci"
  | "login";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface SourceWorld {
  readonly env: Environment;
  /** Without credentials; its path ends in `/`. */
  readonly endpoint: URL;
  /** The header that the credentials in the endpoint's URL make. */
  readonly endpointAuthorization: string | undefined;
  /** Of `--token-file`; `-` is stdin. */
  readonly tokenFile: string | undefined;
  /** Where `s3r login` keeps its tokens. */
  readonly loginsPath: string;
  /** Whom the token is for; asked for only by sources that can choose. */
  readonly audience: () => Promise<string>;
  /** The audience that the user has named. */
  readonly confirmedAudience: string | undefined;
  readonly readStdin: () => Promise<string>;
  readonly dispatcher: Dispatcher;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly signal: AbortSignal;
}
