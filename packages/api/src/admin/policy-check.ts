/** `s3r-api policy check`: is this file a policy? */
import type { AdminWorld } from "./admin-world.ts";
import { readPolicy } from "./read-policy.ts";

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** @throws AdminError with all that is wrong with it. */
export async function policyCheck(path: string, world: AdminWorld): Promise<void> {
  const { auth, statements } = await readPolicy(path, world);
  const parts = [
    count(statements.length, "statement"),
    count(auth.tokens.length, "token"),
    count(auth.issuers.length, "issuer"),
  ];
  world.stdout(`${path}: ok, ${parts.join(", ")}\n`);
  for (const { name, expires } of auth.tokens) {
    if (expires !== undefined && expires <= world.now())
      world.stderr(`warning: a token of \`${name}\` expired on ${expires.toISOString()}\n`);
  }
}
