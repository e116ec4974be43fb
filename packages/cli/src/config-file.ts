/** The two files that may hold settings: of the project, and of the user. */
import { access, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { CliError, systemCode } from "./cli-error.ts";
import { userDirectory } from "./user-directory.ts";

const settingsSchema = v.strictObject({
  endpoint: v.optional(v.string()),
  retries: v.optional(v.pipe(v.union([v.string(), v.number()]), v.transform(String))),
  stallTimeout: v.optional(v.string()),
  connectTimeout: v.optional(v.string()),
  concurrency: v.optional(v.pipe(v.union([v.string(), v.number()]), v.transform(String))),
});

// An array is an object too, and one without unknown members.
const fileSchema = v.pipe(
  v.unknown(),
  v.check((content) => !Array.isArray(content), "Invalid type: Expected Object but received Array"),
  settingsSchema,
);

export type FileSettings = v.InferOutput<typeof settingsSchema>;

export interface ConfigFile {
  readonly path: string;
  readonly settings: FileSettings;
}

function usage(message: string, reason: string, hint: string): CliError {
  return new CliError("Usage", message, { reason, hint });
}

async function readConfigFile(path: string): Promise<FileSettings | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return undefined;
    throw usage(`cannot read the configuration file ${path}`, systemCode(error), "make it readable, or remove it");
  }
  return parseConfigFile(text, path);
}

const TOKEN_MEMBERS = ["token", "tokenFile", "token-file", "audience"];

/** A file that comes with a repository would choose whose token goes where, and what it is good for. */
function assertNoToken(content: unknown, path: string): void {
  if (typeof content !== "object" || content === null) return;
  const member = TOKEN_MEMBERS.find((name) => Object.hasOwn(content, name));
  if (member === undefined) return;
  throw usage(
    `${path} must not have \`${member}\``,
    "who you are is not a setting: no file of settings names a token, or whom one is for",
    "use s3r login, --token-file and --audience, or S3R_TOKEN_FILE, S3R_TOKEN and S3R_AUDIENCE",
  );
}

/** @throws CliError Usage that names the file and the member. */
export function parseConfigFile(text: string, path: string): FileSettings {
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
  assertNoToken(content, path);
  const parsed = v.safeParse(fileSchema, content);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw usage(
    `${path} is no configuration file`,
    `\`${v.getDotPath(issue) ?? "it"}\`: ${issue.message}`,
    "it may have endpoint, retries, stallTimeout, connectTimeout and concurrency",
  );
}

/** `s3r.json` in the working directory or above it, up to the root of the repository. */
export async function findProjectFile(cwd: string): Promise<ConfigFile | undefined> {
  for (let directory = cwd; ; directory = dirname(directory)) {
    const path = join(directory, "s3r.json");
    const settings = await readConfigFile(path);
    if (settings !== undefined) return { path, settings };
    const isRoot =
      dirname(directory) === directory ||
      // A directory in a clone, a file in a work tree.
      (await access(join(directory, ".git")).then(
        () => true,
        () => false,
      ));
    if (isRoot) return undefined;
  }
}

export async function findUserFile(env: Readonly<Record<string, string | undefined>>): Promise<ConfigFile | undefined> {
  const path = join(userDirectory(env), "config.json");
  const settings = await readConfigFile(path);
  return settings === undefined ? undefined : { path, settings };
}
