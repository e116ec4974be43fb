/** What the signer must be allowed to do at AWS, and nothing more: made of the operation table. */
import { OPERATION_LIST, type Action } from "@s3r/shared";
import { partitionOf } from "./bucket-partition.ts";
import type { Bucket } from "./bucket.ts";

interface IamStatement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html */
export interface IamPolicy {
  readonly Version: "2012-10-17";
  readonly Statement: readonly IamStatement[];
}

/** `?` and `*` are wildcards in a resource, and `$` begins a variable: a key prefix is neither (IAM, "Policy variables"). */
function literal(text: string): string {
  return text.replaceAll(/[$*?]/gu, (character) => `\${${character}}`);
}

function permissionsOf(actions: ReadonlySet<Action>, target: "object" | "prefix"): readonly string[] {
  const granted = OPERATION_LIST.filter((spec) => actions.has(spec.action) && spec.target === target);
  return [...new Set(granted.flatMap(({ permissions }) => permissions))].sort();
}

/**
 * @param actions those that the API's policy allows anyone.
 * @returns a policy for the role whose credentials sign: a URL can do no more than its signer.
 */
export function createIamPolicy(
  { name, region, keyPrefix }: Pick<Bucket, "name" | "region" | "keyPrefix">,
  actions: ReadonlySet<Action>,
): IamPolicy {
  const bucketArn = `arn:${partitionOf(region).name}:s3:::${name}`;
  const objects = permissionsOf(actions, "object");
  const listings = permissionsOf(actions, "prefix");
  const objectStatement: IamStatement = {
    Sid: "Objects",
    Effect: "Allow",
    Action: objects,
    Resource: `${bucketArn}/${literal(keyPrefix)}*`,
  };
  const listingStatement: IamStatement = {
    Sid: "Listings",
    Effect: "Allow",
    Action: listings,
    Resource: bucketArn,
    ...(keyPrefix === "" ? {} : { Condition: { StringLike: { "s3:prefix": `${literal(keyPrefix)}*` } } }),
  };
  return {
    Version: "2012-10-17",
    Statement: [...(objects.length > 0 ? [objectStatement] : []), ...(listings.length > 0 ? [listingStatement] : [])],
  };
}
