import { homedir } from "node:os";
import { join } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where unfinished transfers are remembered (XDG Base Directory Specification, `XDG_STATE_HOME`). */
export function stateDirectory(env: Environment): string {
  const home = env["HOME"] || homedir();
  return join(env["XDG_STATE_HOME"] || join(home, ".local", "state"), "s3r");
}
