/** Where the API is and how patient to be: flag > environment > project file > user file > default. */
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { CliError, systemCode } from "./cli-error.ts";
import { isLoopbackHost } from "./api/loopback-host.ts";
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

const fileSchema = v.strictObject({
  endpoint: v.optional(v.string()),
  retries: v.optional(v.pipe(v.union([v.string(), v.number()]), v.transform(String))),
  timeout: v.optional(v.string()),
  connectTimeout: v.optional(v.string()),
});

type Values = v.InferOutput<typeof fileSchema>;

/** A setting, and where it came from, for the error that names it. */
interface Setting {
  readonly value: string;
  readonly source: string;
}

function usage(message: string, reason: string, hint: string): CliError {
  return new CliError("Usage", message, { reason, hint });
}

async function readConfigFile(path: string): Promise<Values | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return undefined;
    throw usage(`cannot read the configuration file ${path}`, systemCode(error), "make it readable, or remove it");
  }
  return parseConfigFile(text, path);
}

/** @throws CliError Usage that names the file and the member. */
export function parseConfigFile(text: string, path: string): Values {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw usage(
      `${path} is no configuration file`,
      "it is not JSON",
      'write, for example, {"endpoint": "https://files.example.com"}',
    );
  }
  const parsed = v.safeParse(fileSchema, content);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw usage(
    `${path} is no configuration file`,
    `\`${v.getDotPath(issue) ?? "it"}\`: ${issue.message}`,
    "it may have endpoint, retries, timeout and connectTimeout",
  );
}

/** `s3r.json` in the working directory or above it, up to the root of the repository. */
async function findProjectFile(cwd: string): Promise<{ path: string; values: Values } | undefined> {
  for (let directory = cwd; ; directory = dirname(directory)) {
    const path = join(directory, "s3r.json");
    const values = await readConfigFile(path);
    if (values !== undefined) return { path, values };
    const isRoot =
      dirname(directory) === directory ||
      (await readFile(join(directory, ".git", "HEAD")).catch(() => undefined)) !== undefined;
    if (isRoot) return undefined;
  }
}

function userFilePath({ env }: ConfigWorld): string {
  const base = env["XDG_CONFIG_HOME"] || join(env["HOME"] ?? homedir(), ".config");
  return join(base, "s3r", "config.json");
}

const VARIABLES: Readonly<Record<keyof Values, string>> = {
  endpoint: "S3R_ENDPOINT",
  retries: "S3R_RETRIES",
  timeout: "S3R_TIMEOUT",
  connectTimeout: "S3R_CONNECT_TIMEOUT",
};

const FLAGS: Readonly<Record<keyof Values, string>> = {
  endpoint: "--endpoint",
  retries: "--retries",
  timeout: "--timeout",
  connectTimeout: "--connect-timeout",
};

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
  const userinfo = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const authorization = userinfo === ":" ? undefined : `Basic ${Buffer.from(userinfo).toString("base64")}`;
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
  const userPath = userFilePath(world);
  const user = await readConfigFile(userPath);

  function find(name: keyof Values): Setting | undefined {
    const candidates: readonly { value: string | undefined; source: string }[] = [
      { value: flags[name], source: FLAGS[name] },
      { value: world.env[VARIABLES[name]] || undefined, source: VARIABLES[name] },
      { value: project?.values[name], source: `${name} in ${project?.path}` },
      { value: user?.[name], source: `${name} in ${userPath}` },
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
