/**
 * The shape of a policy file. What is said here can be checked member by member; what takes several of
 * them is `compile-policy.ts`. `policy.schema.json` is made of this, for editors.
 */
import { MAX_EXPIRES_IN_SECONDS } from "@s3r/shared";
import * as v from "valibot";

const NAME = /^[A-Za-z][\w.-]{0,63}$/u;
const NAME_RULE = "must be a name: a letter, then letters, digits, `.`, `_` or `-`";

/** RFC 7518 3.1 and RFC 8037: asymmetric ones. With a shared secret (`HS256`) a public key would do as the secret. */
const ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"] as const;

const MAX_BYTES = 50 * 1024 ** 4;
const SIZE = /^[1-9]\d{0,14}(?:KiB|MiB|GiB|TiB)?$/u;
const MEDIA_TYPE = /^[\w!#$&^.+-]+\/(?:\*|[\w!#$&^.+-]+)$/u;

const name = v.pipe(v.string(), v.regex(NAME, NAME_RULE));
const wholeSeconds = (maximum: number) =>
  v.pipe(
    v.number(),
    v.integer("must be a whole number of seconds"),
    v.minValue(1, "must be at least 1 second"),
    v.maxValue(maximum, `must be at most ${maximum} seconds`),
  );
const httpsUrl = v.pipe(v.string(), v.regex(/^https:\/\/[^\s/?#@]+[^\s?#]*$/u, "must be an https URL without a query"));

function oneOrMore<const Entry extends v.GenericSchema>(entry: Entry) {
  return v.union([entry, v.pipe(v.array(entry), v.minLength(1, "must hold at least one"))]);
}

const text = v.pipe(v.string(), v.minLength(1, "must not be empty"));

const tokenSchema = v.strictObject({
  name: v.pipe(
    name,
    v.description("What statements call it. Several may have one name, so that a token can be rotated."),
  ),
  sha256: v.pipe(
    v.string(),
    v.regex(
      /^[0-9a-f]{64}$/u,
      "must be the token's SHA-256: 64 lower-case hexadecimal digits (`s3r-api token new` prints it)",
    ),
  ),
  expires: v.optional(
    v.pipe(
      v.string(),
      v.regex(
        /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d))?$/u,
        "must be a date such as 2027-01-31 (its beginning, UTC) or 2027-01-31T12:00:00Z",
      ),
    ),
  ),
});

const issuerSchema = v.strictObject({
  name: v.pipe(name, v.description("What statements call a principal with a token of this issuer.")),
  issuer: v.pipe(httpsUrl, v.description("The `iss` of its tokens, character for character.")),
  audience: v.optional(
    v.pipe(oneOrMore(text), v.description("What `aud` may be; the policy's audience where absent.")),
  ),
  jwksUri: v.optional(v.pipe(httpsUrl, v.description("Where its keys are; discovered where absent."))),
  algorithms: v.optional(
    v.pipe(
      v.array(v.picklist(ALGORITHMS, `must be one of ${ALGORITHMS.join(", ")}`)),
      v.minLength(1, "must hold at least one"),
      v.description("RS256 where absent."),
    ),
  ),
  maxTokenAge: v.optional(
    v.pipe(wholeSeconds(86_400), v.description("How many seconds a token may live and be old; 900 where absent.")),
  ),
});

const gatewaySchema = v.strictObject({
  name,
  authorizer: v.pipe(
    v.picklist(["jwt", "lambda"], "must be `jwt` or `lambda`"),
    v.description("Whose claims are believed: those of API Gateway's JWT authorizer, or of a Lambda authorizer."),
  ),
});

const rateLimitSchema = v.strictObject({
  requestsPerSecond: v.pipe(
    v.number(),
    v.minValue(0.01, "must be at least 0.01"),
    v.maxValue(1_000_000, "must be at most 1000000"),
  ),
  burst: v.pipe(
    v.number(),
    v.integer("must be a whole number"),
    v.minValue(1, "must be at least 1"),
    v.maxValue(1_000_000, "must be at most 1000000"),
  ),
});

const claimValue = v.union([
  v.string(),
  v.boolean(),
  v.pipe(v.number(), v.safeInteger("must be a whole number; write others as text")),
]);

const limitsSchema = v.strictObject({
  maxBytes: v.optional(
    v.pipe(
      v.union([
        v.pipe(
          v.number(),
          v.integer("must be a whole number of bytes"),
          v.minValue(1, "must be at least 1 byte"),
          v.maxValue(MAX_BYTES, "must be at most 50 TiB"),
        ),
        v.pipe(v.string(), v.regex(SIZE, "must be bytes, such as 1048576 or `1MiB`")),
      ]),
      v.description("Of one object: bytes, or with KiB, MiB, GiB, TiB. The exact length is signed."),
    ),
  ),
  overwrite: v.optional(
    v.pipe(
      v.literal(false, "can only be `false`: leave it out to allow it"),
      v.description("Only new objects: `If-None-Match: *` is demanded and signed."),
    ),
  ),
  requireChecksum: v.optional(
    v.pipe(
      v.literal(true, "can only be `true`: leave it out otherwise"),
      v.description("An `x-amz-checksum-*` header is demanded and signed."),
    ),
  ),
  contentTypes: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.regex(MEDIA_TYPE, "must be a media type such as `image/png` or `image/*`"))),
      v.minLength(1, "must hold at least one"),
      v.description("Content-Type must be one of these, and is signed."),
    ),
  ),
  expiresIn: v.optional(
    v.pipe(wholeSeconds(MAX_EXPIRES_IN_SECONDS), v.description("Seconds that a presigned URL lives at most.")),
  ),
});

export const statementSchema = v.strictObject({
  id: v.optional(
    v.pipe(
      text,
      v.maxLength(128, "must have at most 128 characters"),
      v.description("Named in the access log and in answers; its place in the list where absent."),
    ),
  ),
  effect: v.optional(
    v.pipe(
      v.picklist(["allow", "deny"], "must be `allow` or `deny`"),
      v.description("`allow` where absent. A deny wins over every allow."),
    ),
  ),
  principals: v.pipe(
    oneOrMore(v.union([v.literal("*"), name], "must be a principal's name, or `*` for everyone")),
    v.description(
      "Names of tokens, of issuers or of the gateway; `anonymous`; `*` is everyone, also who is anonymous.",
    ),
  ),
  claims: v.optional(
    v.pipe(
      v.record(text, oneOrMore(claimValue)),
      v.description(
        "Claims that the token must have, each with one of these values. `*` stands for anything but `/`, `**` for any depth.",
      ),
    ),
  ),
  actions: v.pipe(
    oneOrMore(v.picklist(["read", "write", "delete", "list"], "must be read, write, delete or list")),
    v.description("What may be done."),
  ),
  keys: v.pipe(
    oneOrMore(text),
    v.description("Key patterns: `*` within one segment, `**` any depth, `${claims.NAME}` a claim of the token."),
  ),
  limits: v.optional(
    v.pipe(limitsSchema, v.description("What every allowed write must keep to, and how long a URL lives.")),
  ),
});

export const policySchema = v.strictObject({
  $schema: v.optional(v.string()),
  version: v.literal(1, "must be 1"),
  audience: v.optional(
    v.pipe(text, v.description("This API's name in tokens: clients ask their issuer for it. Best its own URL.")),
  ),
  tokens: v.optional(v.array(tokenSchema)),
  issuers: v.optional(v.array(issuerSchema)),
  gateway: v.optional(gatewaySchema),
  rateLimit: v.optional(v.pipe(rateLimitSchema, v.description("For each principal, in each process of the API."))),
  statements: v.pipe(v.array(statementSchema), v.minLength(1, "must hold at least one statement")),
});

export type PolicyDocument = v.InferOutput<typeof policySchema>;
export type StatementDocument = v.InferOutput<typeof statementSchema>;
