/** Where the user's settings and logins are: in `$XDG_CONFIG_HOME`, or `~/.config` (XDG Base Directory Specification). */
import { homedir } from "node:os";
import { join } from "node:path";

export function userDirectory(env: Readonly<Record<string, string | undefined>>): string {
  const base = env["XDG_CONFIG_HOME"] || join(env["HOME"] ?? homedir(), ".config");
  return join(base, "s3r");
}
