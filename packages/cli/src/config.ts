/** Where the API is and how patient to be: flag > environment > project file > user file > default. */
import { isLoopbackHost } from "./loopback-host.ts";
import { CliError } from "./cli-error.ts";
import { findProjectFile, findUserFile, type FileSettings } from "./config-file.ts";
import { parseDuration } from "./duration.ts";

export interface CliConfig {
  /** Without credentials; its path ends in `/`. */
  readonly endpoint: URL;
  /** For the API alone, never for the store: made of the endpoint's credentials. */
  readonly authorization: string | undefined;
  /** Of `--token-file`, as it was given; `-` is stdin. The variables that name tokens are read by their sources. */
  readonly tokenFile: string | undefined;
  /** Whom tokens are asked for, where the user says so. */
  readonly audience: string | undefined;
  /** Attempts after the first. */
  readonly retries: number;
  /** How long no byte may move. */
  readonly timeoutMilliseconds: number;
  readonly connectTimeoutMilliseconds: number;
  /** How many files and parts move at once; found out by trying where nothing is said. */
  readonly concurrency: number | undefined;
}

/** The flags that were given, as text. */
export interface ConfigFlags {
  readonly endpoint?: string | undefined;
  readonly retries?: string | undefined;
  readonly stallTimeout?: string | undefined;
  readonly concurrency?: string | undefined;
  readonly connectTimeout?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly audience?: string | undefined;
}

export interface ConfigWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

const DEFAULTS = { retries: "5", stallTimeout: "30s", connectTimeout: "10s" };

/** A setting, and where it came from, for the error that names it. */
interface Setting {
  readonly value: string;
  readonly source: string;
  /** It came with the repository. */
  readonly isOfProject?: boolean;
}

function usage(message: string, reason: string, hint: string): CliError {
  return new CliError("Usage", message, { reason, hint });
}

const VARIABLES: Readonly<Record<keyof FileSettings, string>> = {
  endpoint: "S3R_ENDPOINT",
  retries: "S3R_RETRIES",
  stallTimeout: "S3R_STALL_TIMEOUT",
  concurrency: "S3R_CONCURRENCY",
  connectTimeout: "S3R_CONNECT_TIMEOUT",
};

const FLAGS: Readonly<Record<keyof FileSettings, string>> = {
  endpoint: "--endpoint",
  retries: "--retries",
  stallTimeout: "--stall-timeout",
  concurrency: "--concurrency",
  connectTimeout: "--connect-timeout",
};

/** Of the userinfo in the endpoint (RFC 7617), which is a secret: it is in no error. */
function basicAuthorization({ username, password }: URL, source: string): string | undefined {
  if (username === "" && password === "") return undefined;
  try {
    const userinfo = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return `Basic ${Buffer.from(userinfo).toString("base64")}`;
  } catch {
    throw usage(
      `${source} holds credentials that cannot be read`,
      "they are not valid percent-encoded UTF-8",
      "write a % in them as %25",
    );
  }
}

function parseEndpoint({ value, source, isOfProject = false }: Setting): Pick<CliConfig, "endpoint" | "authorization"> {
  const url = URL.parse(value);
  const example = "give an https URL such as https://files.example.com; http is for this machine only";
  if (url === null) throw usage(`${source} is no URL`, "an endpoint is an absolute URL", example);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopbackHost(url.hostname))) {
    throw usage(
      `${source} is not safe`,
      `${url.protocol}//${url.host} would carry what you send in the clear`,
      example,
    );
  }
  if (url.search !== "" || url.hash !== "")
    throw usage(`${source} has a query or a fragment`, "the key is put behind its path", example);
  const authorization = basicAuthorization(url, source);
  if (authorization !== undefined && isOfProject) {
    throw usage(
      `${source} holds credentials`,
      "a file that comes with a project is read by everybody who has it",
      "leave them out, and use s3r login or S3R_TOKEN",
    );
  }
  const path = url.pathname.endsWith("/") ? url.pathname : `${url.pathname}/`;
  return { endpoint: new URL(path, url.origin), authorization };
}

function parseTokenFile(path: string | undefined): string | undefined {
  if (path !== "") return path;
  throw usage("--token-file must name a file", "it is empty", "give a path, or - for stdin");
}

const MAX_AUDIENCE_CHARACTERS = 1024;

/** Any text will do (RFC 7519 4.1.3), as long as it is one that somebody can have meant. */
function parseAudience({ value, source }: Setting): string {
  if (/^[^\p{Cc}\p{Z}]+$/u.test(value) && value.length <= MAX_AUDIENCE_CHARACTERS) return value;
  throw usage(
    `${source} must be an audience`,
    value === "" ? "it is empty" : "it has white space or control characters, or is too long",
    "give what the API's operator says, such as https://files.example.com",
  );
}

function findAudience({ audience }: ConfigFlags, { env }: ConfigWorld): string | undefined {
  if (audience !== undefined) return parseAudience({ value: audience, source: "--audience" });
  const value = env["S3R_AUDIENCE"] || undefined;
  return value === undefined ? undefined : parseAudience({ value, source: "S3R_AUDIENCE" });
}

function parseRetries({ value, source }: Setting): number {
  if (/^\d{1,3}$/u.test(value)) return Number(value);
  throw usage(
    `${source} must be a whole number`,
    `it is \`${value}\``,
    "give how often to try again, such as 5; 0 turns retries off",
  );
}

const MAX_CONCURRENCY = 256;

function parseConcurrency({ value, source }: Setting): number {
  const number = /^\d{1,3}$/u.test(value) ? Number(value) : 0;
  if (number >= 1 && number <= MAX_CONCURRENCY) return number;
  throw usage(
    `${source} must be a whole number from 1 to ${MAX_CONCURRENCY}`,
    `it is \`${value}\``,
    "leave it out: s3r finds out how many help",
  );
}

function parseTime({ value, source }: Setting): number {
  const milliseconds = parseDuration(value);
  if (milliseconds !== undefined && milliseconds > 0) return milliseconds;
  throw usage(`${source} must be a duration`, `it is \`${value}\``, "give, for example, 30s, 500ms or 2m");
}

function noEndpoint(): CliError {
  return usage(
    "no endpoint is set",
    "s3r must know the API to ask",
    "set S3R_ENDPOINT or pass --endpoint; `npx -y pnpm@12 start` runs one on this machine at http://127.0.0.1:8787",
  );
}

/** @throws CliError Usage, with the name of the flag, variable or file that is wrong. */
export async function loadConfig(flags: ConfigFlags, world: ConfigWorld): Promise<CliConfig> {
  const project = await findProjectFile(world.cwd);
  const user = await findUserFile(world.env);

  function find(name: keyof FileSettings): Setting | undefined {
    const candidates: readonly (Omit<Setting, "value"> & { readonly value: string | undefined })[] = [
      { value: flags[name], source: FLAGS[name] },
      { value: world.env[VARIABLES[name]] || undefined, source: VARIABLES[name] },
      { value: project?.settings[name], source: `${name} in ${project?.path}`, isOfProject: true },
      { value: user?.settings[name], source: `${name} in ${user?.path}` },
    ];
    const found = candidates.find(({ value }) => value !== undefined);
    return found?.value === undefined ? undefined : { ...found, value: found.value };
  }
  const endpoint = find("endpoint");
  if (endpoint === undefined) throw noEndpoint();
  const concurrency = find("concurrency");
  return {
    ...parseEndpoint(endpoint),
    concurrency: concurrency === undefined ? undefined : parseConcurrency(concurrency),
    tokenFile: parseTokenFile(flags.tokenFile),
    audience: findAudience(flags, world),
    retries: parseRetries(find("retries") ?? { value: DEFAULTS.retries, source: "default" }),
    timeoutMilliseconds: parseTime(find("stallTimeout") ?? { value: DEFAULTS.stallTimeout, source: "default" }),
    connectTimeoutMilliseconds: parseTime(
      find("connectTimeout") ?? { value: DEFAULTS.connectTimeout, source: "default" },
    ),
  };
}
