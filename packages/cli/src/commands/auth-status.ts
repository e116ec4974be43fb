/** `s3r auth status`: where the token comes from, who the API says we are, and what we may do. Never the token. */
import type { WhoAmI, WhoAmIStatement } from "@s3r/shared";
import type { TokenSource } from "../auth/token-source.ts";
import { formatTable } from "../terminal/format-table.ts";
import type { CommandContext, CommandDefinition } from "./command.ts";
import type { OpenedWorld } from "./open-world.ts";

interface Status {
  readonly endpoint: string;
  /** The first is used. */
  readonly sources: readonly TokenSource[];
  /** Nothing where the API does not say. */
  readonly me?: WhoAmI | undefined;
  /** ISO 8601, as far as the API or the token says. */
  readonly expiresAt?: string | undefined;
}

function withoutToken({ id, name }: TokenSource): Record<string, string> {
  return { id, name };
}

function toJson({ endpoint, sources: [source, ...shadowed] }: Status): Record<string, unknown> {
  return {
    operation: "auth status",
    endpoint,
    source: source === undefined ? null : withoutToken(source),
    shadowed: shadowed.map(withoutToken),
  };
}

function sourceRows({ endpoint, sources: [source, ...shadowed] }: Status): readonly (readonly string[])[] {
  return [
    ["endpoint", endpoint],
    ["token from", source?.name ?? "nowhere: anonymous"],
    ...(shadowed.length === 0 ? [] : [["not used", shadowed.map(({ name }) => name).join(", ")]]),
  ];
}

function principalRows({ me, expiresAt }: Status): readonly (readonly string[])[] {
  const claims = Object.entries(me?.principal.claims ?? {}).map(([name, value]) => `${name}=${value}`);
  return [
    ["you are", me === undefined ? "not known: this API does not say" : `${me.principal.name} (${me.principal.kind})`],
    ...(expiresAt === undefined ? [] : [["until", expiresAt]]),
    ...claims.map((claim, index) => [index === 0 ? "claims" : "", claim]),
  ];
}

function statementRow({ id, effect, actions, keys, limits }: WhoAmIStatement): readonly string[] {
  const limitTexts = Object.entries(limits).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return [id, effect, actions.join(","), keys.join(" "), limitTexts.join(" ")];
}

function toText(status: Status): string {
  const head = formatTable([...sourceRows(status), ...principalRows(status)]);
  const { me } = status;
  if (me === undefined) return head;
  if (me.statements.length === 0) return `${head}\n\nno statement of the policy is about you: you may do nothing`;
  const columns = ["statement", "effect", "actions", "keys", "limits"];
  return `${head}\n\n${formatTable([columns, ...me.statements.map(statementRow)])}`;
}

async function ask(status: Status, { client, credentials, world }: OpenedWorld): Promise<Status> {
  const [{ fetchWhoAmI }, { withRetries }] = await Promise.all([
    import("../api/reserved.ts"),
    import("../transfer/with-retries.ts"),
  ]);
  const me = await withRetries(world.retry, () => credentials.attempt(() => fetchWhoAmI(client)));
  const expiresAt = me?.principal.expiresAt ?? (await credentials.credential())?.expiresAt?.toISOString();
  return { ...status, me, expiresAt };
}

async function show(status: Status, opened: OpenedWorld, { output }: CommandContext): Promise<void> {
  let asked: Status;
  try {
    asked = await ask(status, opened);
  } catch (error) {
    // What is known without the API helps most when it refuses.
    for (const row of sourceRows(status)) output.remark(row.join(": "));
    throw error;
  }
  const { me, expiresAt } = asked;
  const json = {
    ...toJson(asked),
    principal: me?.principal ?? null,
    expiresAt: expiresAt ?? null,
    statements: me?.statements ?? null,
  };
  output.result({ json, text: toText(asked), isData: true });
}

export const authStatusCommand: CommandDefinition = {
  group: { name: "auth", description: "who you are for the API" },
  usage: "status",
  description: "show where the token comes from, who the API says you are, and what you may do",
  examples: ["s3r auth status", "s3r auth status --json | jq .principal"],
  async run(_input, context) {
    const [{ openWorld }, { runAll }] = await Promise.all([import("./open-world.ts"), import("./run-all.ts")]);
    await using opened = openWorld(context);
    const sources: TokenSource[] = [];
    for await (const source of opened.sources()) sources.push(source);
    const status: Status = { endpoint: context.config.endpoint.href, sources };
    // One task: its error then comes with what is known already.
    await runAll([status], context.output, toJson, (each) => show(each, opened, context));
  },
};
