/** Where the API is and how patient to be: flag > environment > project file > user file > default. */
import { isLoopbackHost } from "./api/loopback-host.ts";
import { CliError } from "./cli-error.ts";
import { findProjectFile, findUserFile, type FileSettings } from "./config-file.ts";
import { parseDuration } from "./duration.ts";

export interface CliConfig {
  /** Without credentials; its path ends in `/`. */
  readonly endpoint: URL;
  /** For the API alone, never for the store: made of the endpoint's credentials. */
  readonly authorization: string | undefined;
  /** Attempts after the first. */
  readonly retries: number;
  /** How long no byte may move. */
  readonly timeoutMilliseconds: number;
  readonly connectTimeoutMilliseconds: number;
}

/** The flags that were given, as text. */
export interface ConfigFlags {
  readonly endpoint?: string | undefined;
  readonly retries?: string | undefined;
  readonly timeout?: string | undefined;
  readonly connectTimeout?: string | undefined;
}

export interface ConfigWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

const DEFAULTS = { retries: "5", timeout: "60s", connectTimeout: "10s" };

/** A setting, and where it came from, for the error that names it. */
interface Setting {
  readonly value: string;
  readonly source: string;
}

function usage(message: string, reason: string, hint: string): CliError {
  return new CliError("Usage", message, { reason, hint });
}

const VARIABLES: Readonly<Record<keyof FileSettings, string>> = {
  endpoint: "S3R_ENDPOINT",
  retries: "S3R_RETRIES",
  timeout: "S3R_TIMEOUT",
  connectTimeout: "S3R_CONNECT_TIMEOUT",
};

const FLAGS: Readonly<Record<keyof FileSettings, string>> = {
  endpoint: "--endpoint",
  retries: "--retries",
  timeout: "--timeout",
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

function parseEndpoint({ value, source }: Setting): Pick<CliConfig, "endpoint" | "authorization"> {
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
  const path = url.pathname.endsWith("/") ? url.pathname : `${url.pathname}/`;
  return { endpoint: new URL(path, url.origin), authorization };
}

function parseRetries({ value, source }: Setting): number {
  if (/^\d{1,3}$/u.test(value)) return Number(value);
  throw usage(
    `${source} must be a whole number`,
    `it is \`${value}\``,
    "give how often to try again, such as 5; 0 turns retries off",
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
    const candidates: readonly { value: string | undefined; source: string }[] = [
      { value: flags[name], source: FLAGS[name] },
      { value: world.env[VARIABLES[name]] || undefined, source: VARIABLES[name] },
      { value: project?.settings[name], source: `${name} in ${project?.path}` },
      { value: user?.settings[name], source: `${name} in ${user?.path}` },
    ];
    const found = candidates.find(({ value }) => value !== undefined);
    return found?.value === undefined ? undefined : { value: found.value, source: found.source };
  }
  const endpoint = find("endpoint");
  if (endpoint === undefined) throw noEndpoint();
  return {
    ...parseEndpoint(endpoint),
    retries: parseRetries(find("retries") ?? { value: DEFAULTS.retries, source: "default" }),
    timeoutMilliseconds: parseTime(find("timeout") ?? { value: DEFAULTS.timeout, source: "default" }),
    connectTimeoutMilliseconds: parseTime(
      find("connectTimeout") ?? { value: DEFAULTS.connectTimeout, source: "default" },
    ),
  };
}
