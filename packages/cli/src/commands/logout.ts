/** `s3r logout`: the stored token of this endpoint gone. It stays valid: only the API's operator can end that. */
import { setTimeout as sleep } from "node:timers/promises";
import type { CommandContext, CommandDefinition } from "./command.ts";

/** @returns whether there was one. */
async function forget({ config, env }: CommandContext): Promise<boolean> {
  const [{ changeLogins, readLogins }, { loginsPath }] = await Promise.all([
    import("../auth/stored-logins.ts"),
    import("./open-credentials.ts"),
  ]);
  const path = loginsPath(env);
  if (!(await readLogins(path)).has(config.endpoint.href)) return false;
  const others = (endpoint: string): boolean => endpoint !== config.endpoint.href;
  await changeLogins(path, (logins) => new Map([...logins].filter(([endpoint]) => others(endpoint))), sleep);
  return true;
}

export const logoutCommand: CommandDefinition = {
  usage: "logout",
  description: "forget the stored token of this endpoint",
  examples: ["s3r logout"],
  async run(_input, context) {
    const { config, output } = context;
    const { href } = config.endpoint;
    const wasStored = await forget(context);
    output.result({
      json: { operation: "logout", endpoint: href, removed: wasStored },
      text: wasStored ? `logged out of ${href}` : `no token was stored for ${href}`,
      isData: false,
    });
  },
};
