/** `s3r login`: a token for this endpoint, checked and kept. */
import type { WhoAmI } from "@s3r/shared";
import type { Credential } from "../auth/token-source.ts";
import { CliError } from "../cli-error.ts";
import { printable } from "../terminal/format.ts";
import type { CommandContext, CommandDefinition } from "./command.ts";
import type { OpenedWorld } from "./open-world.ts";

const STDIN = "-";

/** @returns the text, and what it is called in an error. */
async function readToken(context: CommandContext): Promise<{ readonly text: string; readonly name: string }> {
  const { stdin, stderr, signal, config } = context;
  if (config.tokenFile !== undefined && config.tokenFile !== STDIN) {
    const { readTokenFile } = await import("../auth/read-token-file.ts");
    return { text: await readTokenFile(config.tokenFile, "--token-file"), name: "--token-file" };
  }
  if (stdin.isTTY === true) {
    const { readSecret } = await import("../terminal/read-secret.ts");
    return {
      text: await readSecret(`Token for ${config.endpoint.href}: `, { stdin, stderr, signal }),
      name: "the terminal",
    };
  }
  const { readStdinToken } = await import("./read-stdin-token.ts");
  return { text: await readStdinToken(context), name: "stdin" };
}

function notTaken(refusal: CliError, { config }: CommandContext): CliError {
  return new CliError("Unauthenticated", `${config.endpoint.href} does not take this token`, {
    ...(refusal.reason === undefined ? {} : { reason: refusal.reason }),
    hint: "nothing was stored: check that the token is for this API, and still good",
    cause: refusal,
  });
}

/** @returns nothing when the API does not say. */
async function check({ authorization }: Credential, opened: OpenedWorld, context: CommandContext) {
  const [{ fetchWhoAmI }, { withRetries }] = await Promise.all([
    import("../api/reserved.ts"),
    import("../transfer/with-retries.ts"),
  ]);
  const client = { ...opened.client, authorization: () => Promise.resolve(authorization) };
  try {
    return await withRetries(opened.world.retry, () => fetchWhoAmI(client));
  } catch (error) {
    throw error instanceof CliError && error.code === "Unauthenticated" ? notTaken(error, context) : error;
  }
}

async function store({ authorization }: Credential, { config, env }: CommandContext): Promise<void> {
  const [{ changeLogins }, { loginsPath }, { setTimeout: sleep }] = await Promise.all([
    import("../auth/stored-logins.ts"),
    import("./open-credentials.ts"),
    import("node:timers/promises"),
  ]);
  const login = { token: authorization.replace(/^Bearer /u, ""), storedAt: new Date().toISOString() };
  await changeLogins(loginsPath(env), (logins) => new Map([...logins, [config.endpoint.href, login]]), sleep);
}

function report({ config, output }: CommandContext, { expiresAt }: Credential, me: WhoAmI | undefined): void {
  const { endpoint } = config;
  const until = me?.principal.expiresAt ?? expiresAt?.toISOString();
  const who = me === undefined ? "" : ` as ${printable(me.principal.name)}`;
  output.result({
    json: { operation: "login", endpoint: endpoint.href, principal: me?.principal ?? null, expiresAt: until ?? null },
    text: `logged in at ${endpoint.href}${who}${until === undefined ? "" : `, until ${until}`}`,
    isData: false,
  });
  if (me === undefined) output.remark("not checked: this API does not say whom it takes the token for");
  if (me?.principal.kind === "anonymous") output.remark("this API takes you for anonymous, with this token too");
}

/** The flag is left out: it was meant for this run. */
async function remarkOnOthers({ sources }: OpenedWorld, { output }: CommandContext): Promise<void> {
  for await (const { id, name } of sources()) {
    if (id === "token-file") continue;
    if (id !== "login") output.remark(`it is not used for now: ${name} comes first`);
    return;
  }
}

export const loginCommand: CommandDefinition = {
  usage: "login",
  description: "store a token for this endpoint, from stdin or --token-file",
  examples: [
    "s3r login                            asks for the token",
    "pass show files | s3r login",
    "s3r login --token-file token.txt",
  ],
  async run(_input, context) {
    const [{ bearerCredential }, { openWorld }] = await Promise.all([
      import("../auth/bearer-credential.ts"),
      import("./open-world.ts"),
    ]);
    const { text, name } = await readToken(context);
    const credential = bearerCredential(text, { name, now: new Date() });
    await using opened = openWorld(context);
    const me = await check(credential, opened, context);
    await store(credential, context);
    report(context, credential, me);
    await remarkOnOthers(opened, context);
  },
};
