/**
 * Between a request line and an operation, in both directions: `parseRoute(formatRoute(x))` is `x`.
 * The target is taken as it came over the wire: a URL parser would already have rewritten it.
 */
import { ProtocolError } from "./error-code.ts";
import { MAX_TARGET_LENGTH } from "./limits.ts";
import { encodeObjectKey, parseObjectKey, parsePrefix, percentDecodeOnce, percentEncode } from "./object-key.ts";
import { OPERATION_LIST, OPERATIONS, type Operation, type OperationSpec, type ParameterCheck } from "./operation.ts";

export const ALLOWED_METHODS = "GET, HEAD, PUT, POST, DELETE, OPTIONS";

const SELECTOR_NAMES: ReadonlySet<string> = new Set(OPERATION_LIST.flatMap((spec) => Object.keys(spec.selectors)));

/**
 * Query parameters with a meaning to S3 that s3r does not offer. Dropping one would answer another
 * question than the client asked. https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
 */
const REFUSED_PARAMETERS: ReadonlySet<string> = new Set([
  ...SELECTOR_NAMES,
  ...OPERATION_LIST.flatMap((spec) => Object.keys(spec.parameters)),
  "abac",
  "accelerate",
  "acl",
  "analytics",
  "append",
  "attributes",
  "cors",
  "delete",
  "encoding-type",
  "encryption",
  "fetch-owner",
  "intelligent-tiering",
  "inventory",
  "key-marker",
  "legal-hold",
  "lifecycle",
  "location",
  "logging",
  "marker",
  "metadataConfiguration",
  "metadataTable",
  "metrics",
  "notification",
  "object-lock",
  "ownershipControls",
  "policy",
  "policyStatus",
  "prefix",
  "publicAccessBlock",
  "renameObject",
  "replication",
  "requestPayment",
  "restore",
  "retention",
  "select",
  "select-type",
  "session",
  "tagging",
  "torrent",
  "upload-id-marker",
  "version-id-marker",
  "versioning",
  "versions",
  "website",
]);

/** `POST` requests that are whole S3 operations of their own. Their bodies name keys that a signature would not bind. */
const NOT_OFFERED_POSTS: readonly string[] = ["delete", "restore", "select"];

export interface RequestTarget {
  /** As sent, beginning with `/`. */
  readonly path: string;
  /** As sent, without the `?`. */
  readonly query: string;
}

/**
 * Splits a request target at its first `?`, without interpreting it.
 * @throws ProtocolError InvalidRequest unless it is in origin form (RFC 9112 3.2.1), UriTooLong over 8,192 characters.
 */
export function splitTarget(target: string): RequestTarget {
  if (target.length > MAX_TARGET_LENGTH) {
    throw new ProtocolError("UriTooLong", `the request target has more than ${MAX_TARGET_LENGTH} characters`);
  }
  if (!target.startsWith("/")) {
    throw new ProtocolError("InvalidRequest", "the request target must be a path that begins with `/`");
  }
  const at = target.indexOf("?");
  return at === -1 ? { path: target, query: "" } : { path: target.slice(0, at), query: target.slice(at + 1) };
}

function refuse(detail: string): never {
  throw new ProtocolError("InvalidRequest", detail);
}

function decodeParameter(encoded: string): string {
  try {
    // S3 reads `+` in a query as a space, as forms write it; a literal plus is `%2B`.
    return percentDecodeOnce(encoded.replaceAll("+", "%20"));
  } catch {
    return refuse("a query parameter is not valid percent-encoded UTF-8");
  }
}

function parseQuery(query: string): [name: string, value: string][] {
  return query
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const at = pair.indexOf("=");
      const name = at === -1 ? pair : pair.slice(0, at);
      return [decodeParameter(name), decodeParameter(at === -1 ? "" : pair.slice(at + 1))];
    });
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(" and ");
}

function methodNotAllowed(method: string): never {
  throw new ProtocolError("MethodNotAllowed", `${method} is not offered here: use GET, HEAD, PUT or DELETE`, {
    headers: { allow: ALLOWED_METHODS },
  });
}

function noMatch(method: string, present: readonly string[], names: ReadonlySet<string>): never {
  if (present.length > 0) {
    return refuse(
      `${quoted(present)} does not make an operation with ${method}: see \`GET /.s3r/\` for what is offered`,
    );
  }
  const notOffered = NOT_OFFERED_POSTS.find((name) => names.has(name));
  if (notOffered !== undefined) {
    throw new ProtocolError(
      "NotImplemented",
      `\`POST ?${notOffered}\` is not offered: a signature would not bind what it acts on`,
    );
  }
  return methodNotAllowed(method);
}

function selectSpec(method: string, names: ReadonlySet<string>): OperationSpec {
  const candidates = OPERATION_LIST.filter((spec) => spec.method === method);
  if (candidates.length === 0) methodNotAllowed(method);
  const present = [...SELECTOR_NAMES].filter((name) => names.has(name));
  const matching = candidates.find((spec) => {
    const selectors = Object.keys(spec.selectors);
    return selectors.length === present.length && selectors.every((name) => names.has(name));
  });
  return matching ?? noMatch(method, present, names);
}

function checkParameter(name: string, value: string, check: ParameterCheck): string {
  const complaint = check(value);
  if (complaint !== undefined) refuse(`the query parameter \`${name}\` ${complaint}`);
  return value;
}

function isRefused(name: string): boolean {
  const lower = name.toLowerCase();
  return REFUSED_PARAMETERS.has(name) || lower.startsWith("x-amz-") || lower.startsWith("response-");
}

function readQuery(spec: OperationSpec, pairs: readonly (readonly [string, string])[]): Record<string, string> {
  const known: Readonly<Record<string, ParameterCheck>> = { ...spec.selectors, ...spec.parameters };
  const query: Record<string, string> = {};
  for (const [name, value] of pairs) {
    const check = Object.hasOwn(known, name) ? known[name] : undefined;
    if (check === undefined) {
      if (isRefused(name)) refuse(`the query parameter \`${name}\` is not offered on ${spec.name}`);
      continue;
    }
    if (Object.hasOwn(query, name)) refuse(`the query parameter \`${name}\` is given more than once`);
    query[name] = checkParameter(name, value, check);
  }
  return query;
}

/**
 * The operation that a request asks for.
 * @param method as sent; methods are case-sensitive (RFC 9110 9.1).
 * @param target the request target as sent, in origin form.
 * @param keyPrefix what the deployment puts before every key; it counts towards the key's length.
 * @throws ProtocolError InvalidKey, InvalidRequest, MethodNotAllowed, NotImplemented or UriTooLong.
 */
export function parseRoute(method: string, target: string, keyPrefix = ""): Operation {
  const { path, query } = splitTarget(target);
  const pairs = parseQuery(query);
  const spec = selectSpec(method, new Set(pairs.map(([name]) => name)));
  const decoded = percentDecodeOnce(path.slice(1));
  const key = spec.target === "object" ? parseObjectKey(decoded, keyPrefix) : parsePrefix(decoded, keyPrefix);
  return { name: spec.name, key, query: readQuery(spec, pairs) };
}

/** The request line of an operation: its method, and its path with the query. */
export function formatRoute(operation: Operation): { readonly method: string; readonly path: string } {
  const query = Object.entries(operation.query)
    .map(([name, value]) => (value === "" ? percentEncode(name) : `${percentEncode(name)}=${percentEncode(value)}`))
    .join("&");
  const path = `/${encodeObjectKey(operation.key)}`;
  return { method: OPERATIONS[operation.name].method, path: query === "" ? path : `${path}?${query}` };
}
