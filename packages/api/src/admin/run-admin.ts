/** The command line of `s3r-api`: what an operator does before the API runs. */
import { Command, CommanderError } from "commander";
import { AdminError } from "./admin-error.ts";
import type { AdminWorld } from "./admin-world.ts";
import { iamPolicy } from "./iam-policy.ts";
import { policyCheck } from "./policy-check.ts";
import { policyTest } from "./policy-test.ts";
import { tokenNew } from "./token-new.ts";

const EXIT_USAGE = 2;

interface TestFlags {
  readonly as: string;
  readonly claim: readonly string[];
  readonly header: readonly string[];
  readonly length?: string;
  readonly json: boolean;
}

function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

function addTokenCommands(program: Command, world: AdminWorld): void {
  program
    .command("token")
    .description("tokens for those who have no issuer")
    .command("new <name>")
    .description("make a token and show it once, with the lines for the policy")
    .option("--expires <date>", "when it ends, such as 2027-01-31")
    .action((name: string, { expires }: { readonly expires?: string }) => {
      tokenNew({ name, expires }, world);
    });
}

function addPolicyCommands(program: Command, world: AdminWorld, exit: (code: number) => void): void {
  const policy = program.command("policy").description("policies, before they are used");
  policy
    .command("check <file>")
    .description("say all that is wrong with a policy")
    .action(async (file: string) => {
      await policyCheck(file, world);
    });
  policy
    .command("test <file> <method> <target>")
    .description("explain what a policy decides on a request; exit 0 if it is allowed, 5 if not")
    .option("--as <principal>", "who asks: a name in the policy", "anonymous")
    .option("--claim <name=value>", "a claim of the token; may be repeated", collect, [])
    .option("--header <header>", 'a header, "Name: value"; may be repeated', collect, [])
    .option("--length <bytes>", "the length of the body")
    .option("--json", "one JSON object", false)
    .action(async (file: string, method: string, target: string, flags: TestFlags) => {
      const { as, claim, header, length, json } = flags;
      exit(await policyTest({ file, method, target, as, claims: claim, headers: header, length, json }, world));
    });
}

function addIamCommand(program: Command, world: AdminWorld): void {
  program
    .command("iam-policy")
    .description("print the IAM policy that the role which signs needs, and no more")
    .requiredOption("--bucket <name>", "the bucket")
    .option("--region <region>", "its region", "us-east-1")
    .option("--key-prefix <prefix>", "as S3R_KEY_PREFIX", "")
    .option("--policy <file>", "grant only what this policy allows anyone")
    .action(async (flags: { bucket: string; region: string; keyPrefix: string; policy?: string }) => {
      await iamPolicy({ ...flags, policy: flags.policy }, world);
    });
}

/** @param argv without the program and its script. @returns the exit code. */
export async function runAdmin(argv: readonly string[], world: AdminWorld): Promise<number> {
  let code = 0;
  const program = new Command("s3r-api")
    .exitOverride()
    .configureOutput({ writeOut: world.stdout, writeErr: world.stderr })
    .description("Prepare an s3r API: its tokens, its policy, its role.");
  addTokenCommands(program, world);
  addPolicyCommands(program, world, (exitCode) => (code = exitCode));
  addIamCommand(program, world);
  try {
    await program.parseAsync([...argv], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    if (!(error instanceof AdminError)) throw error;
    world.stderr(`s3r-api: error: ${error.message}\n`);
    return EXIT_USAGE;
  }
}
