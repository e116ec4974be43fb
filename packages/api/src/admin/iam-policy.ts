/** `s3r-api iam-policy`: what the role that signs needs, for what a policy allows. */
import { OPERATION_LIST } from "@s3r/shared";
import { BUCKET_NAME_RULE, isBucketName } from "../sign/bucket-name.ts";
import { createIamPolicy } from "../sign/iam-policy.ts";
import { AdminError } from "./admin-error.ts";
import type { AdminWorld } from "./admin-world.ts";
import { readPolicy } from "./read-policy.ts";

export interface IamPolicyOptions {
  readonly bucket: string;
  readonly region: string;
  readonly keyPrefix: string;
  /** A policy file: only what it allows anyone is granted. All that s3r can do, when absent. */
  readonly policy: string | undefined;
}

export async function iamPolicy(
  { bucket, region, keyPrefix, policy }: IamPolicyOptions,
  world: AdminWorld,
): Promise<void> {
  if (!isBucketName(bucket)) throw new AdminError(`--bucket must have ${BUCKET_NAME_RULE}`);
  if (keyPrefix !== "" && !keyPrefix.endsWith("/"))
    throw new AdminError("--key-prefix must end in `/`, as S3R_KEY_PREFIX does");
  const statements = policy === undefined ? undefined : (await readPolicy(policy, world)).statements;
  const allowed = statements?.filter(({ effect }) => effect === "allow");
  const actions = OPERATION_LIST.map(({ action }) => action).filter(
    (action) => allowed === undefined || allowed.some((statement) => statement.actions.has(action)),
  );
  world.stdout(
    `${JSON.stringify(createIamPolicy({ name: bucket, region, keyPrefix }, new Set(actions)), undefined, 2)}\n`,
  );
}
