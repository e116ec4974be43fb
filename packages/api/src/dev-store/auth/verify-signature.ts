/**
 * Recomputes the SigV4 signature of a request over exactly what the client says it has signed, with a
 * library that the signer does not use, and refuses everything that S3 refuses.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
import { timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import aws4 from "aws4";
import type { KeyPair } from "../key-pair.ts";
import { S3Error } from "../s3-error.ts";

export interface SignedMessage {
  readonly method: string;
  /** As sent. */
  readonly target: string;
  /** Decoded, by their names as sent. */
  readonly query: ReadonlyMap<string, string>;
  readonly headers: IncomingHttpHeaders;
}

export interface Verifier {
  readonly keyPair: KeyPair;
  readonly region: string;
  readonly now: () => Date;
}

/** A clock may be this far ahead, and a header-signed request this old. */
const MAX_SKEW_MILLISECONDS = 15 * 60 * 1000;
const MAX_EXPIRES_SECONDS = 604_800;

/** What a signature says of itself. */
interface Claim {
  readonly credential: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `20261123T060000Z` */
  readonly date: string;
  readonly code: "AuthorizationQueryParametersError" | "AuthorizationHeaderMalformed";
}

function parseDate(date: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/u.exec(date);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : time;
}

function queryClaim({ query }: SignedMessage): Claim {
  const code = "AuthorizationQueryParametersError";
  const [credential, signedHeaders, signature, date] = ["Credential", "SignedHeaders", "Signature", "Date"].map(
    (name) => query.get(`X-Amz-${name}`),
  );
  if (credential === undefined || signedHeaders === undefined || signature === undefined || date === undefined) {
    throw new S3Error(
      code,
      "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
    );
  }
  if (query.get("X-Amz-Algorithm") !== "AWS4-HMAC-SHA256") {
    throw new S3Error(code, 'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"');
  }
  return { credential, signedHeaders: signedHeaders.split(";"), signature, date, code };
}

function headerClaim({ headers }: SignedMessage): Claim {
  const code = "AuthorizationHeaderMalformed";
  const text = /^AWS4-HMAC-SHA256 +Credential=([^,\s]+), *SignedHeaders=([^,\s]+), *Signature=([0-9a-f]{64})$/u.exec(
    headers.authorization ?? "",
  );
  const date = headers["x-amz-date"];
  if (text === null || typeof date !== "string") {
    throw new S3Error(code, "The authorization header is malformed: AWS4-HMAC-SHA256 with x-amz-date is expected.");
  }
  const [, credential = "", signedHeaders = "", signature = ""] = text;
  return { credential, signedHeaders: signedHeaders.split(";"), signature, date, code };
}

/** `AKID/20261123/us-east-1/s3/aws4_request` */
function checkScope({ credential, date, code }: Claim, { keyPair, region }: Verifier): void {
  const [accessKeyId, day, scopeRegion, service, terminator, ...rest] = credential.split("/");
  if (
    day === undefined ||
    service !== "s3" ||
    terminator !== "aws4_request" ||
    rest.length > 0 ||
    day !== date.slice(0, 8)
  ) {
    throw new S3Error(
      code,
      "Error parsing the X-Amz-Credential parameter: it is not of the form AKID/YYYYMMDD/REGION/s3/aws4_request for the request's date.",
    );
  }
  if (accessKeyId !== keyPair.accessKeyId) {
    throw new S3Error("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.");
  }
  if (scopeRegion !== region) {
    throw new S3Error(
      code,
      `Error parsing the X-Amz-Credential parameter: the region is wrong; expecting '${region}'`,
      { elements: { Region: region } },
    );
  }
}

/** The store's key pair is permanent: a session token beside it is made up. */
function checkNoToken({ query, headers }: SignedMessage): void {
  if (query.has("X-Amz-Security-Token") || headers["x-amz-security-token"] !== undefined) {
    throw new S3Error("InvalidToken", "The provided token is malformed or otherwise invalid.");
  }
}

function parseExpires(value: string | undefined): number {
  const seconds = /^\d{1,7}$/u.test(value ?? "") ? Number(value) : Number.NaN;
  if (seconds >= 1 && seconds <= MAX_EXPIRES_SECONDS) return seconds;
  throw new S3Error("AuthorizationQueryParametersError", "X-Amz-Expires must be a number from 1 to 604800");
}

function signingTime({ date, code }: Claim): number {
  const time = parseDate(date);
  if (time === undefined) throw new S3Error(code, "X-Amz-Date must be in the ISO8601 Long Format yyyyMMdd'T'HHmmss'Z'");
  return time;
}

function checkQueryTime(claim: Claim, expires: number, now: Date): void {
  const time = signingTime(claim);
  if (time > now.getTime() + MAX_SKEW_MILLISECONDS) throw new S3Error("AccessDenied", "Request is not yet valid");
  const end = time + expires * 1000;
  if (now.getTime() <= end) return;
  throw new S3Error("AccessDenied", "Request has expired", {
    elements: { "X-Amz-Expires": String(expires), Expires: new Date(end).toISOString(), ServerTime: now.toISOString() },
  });
}

function checkHeaderTime(claim: Claim, now: Date): void {
  if (Math.abs(signingTime(claim) - now.getTime()) <= MAX_SKEW_MILLISECONDS) return;
  throw new S3Error(
    "RequestTimeTooSkewed",
    "The difference between the request time and the current time is too large.",
    {
      elements: { RequestTime: claim.date, ServerTime: now.toISOString() },
    },
  );
}

/** `host` must be signed, and every `x-amz-*` header that is sent. */
function checkSignedHeaders({ signedHeaders }: Claim, headers: IncomingHttpHeaders): void {
  const signed = new Set(signedHeaders);
  const unsigned = Object.keys(headers).filter(
    (name) => (name === "host" || name.startsWith("x-amz-")) && !signed.has(name),
  );
  if (unsigned.length === 0) return;
  throw new S3Error("AccessDenied", "There were headers present in the request which were not signed", {
    elements: { HeadersNotSigned: unsigned.join(", ") },
  });
}

function mismatch(): never {
  throw new S3Error(
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
  );
}

/** The values of the headers that are said to be signed; one that is not there cannot have been. */
function pickHeaders({ signedHeaders }: Claim, headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(signedHeaders.map((name) => [name, String(headers[name] ?? mismatch())]));
}

function splitAtQuestionMark(target: string): { readonly path: string; readonly query: string } {
  const at = target.indexOf("?");
  return at === -1 ? { path: target, query: "" } : { path: target.slice(0, at), query: target.slice(at + 1) };
}

/** The target without the signature itself, which covers all else; `+` in a path is a plus, not the space that aws4 reads. */
function signedTarget(target: string): string {
  const { path, query } = splitAtQuestionMark(target);
  const pairs = query.split("&").filter((pair) => pair !== "" && !pair.startsWith("X-Amz-Signature="));
  return path.replaceAll("+", "%2B") + (pairs.length === 0 ? "" : `?${pairs.join("&")}`);
}

function recompute(message: SignedMessage, claim: Claim, { keyPair, region }: Verifier, inQuery: boolean): string {
  const request = {
    service: "s3",
    region,
    method: message.method,
    path: signedTarget(message.target),
    headers: pickHeaders(claim, message.headers),
    signQuery: inQuery,
    // aws4 leaves some headers out by itself: what the client has signed counts.
    extraHeadersToInclude: Object.fromEntries(claim.signedHeaders.map((name) => [name, true])),
  };
  const signed = aws4.sign(request, keyPair);
  const text = inQuery ? signed.path : String(signed.headers?.["Authorization"]);
  return /Signature=([0-9a-f]{64})$/u.exec(text ?? "")?.[1] ?? mismatch();
}

function checkSignature(message: SignedMessage, claim: Claim, verifier: Verifier, inQuery: boolean): void {
  const expected = Buffer.from(recompute(message, claim, verifier, inQuery));
  const given = Buffer.from(claim.signature);
  if (expected.byteLength !== given.byteLength || !timingSafeEqual(expected, given)) mismatch();
}

/**
 * Verifies a presigned or a header-signed request.
 * @throws S3Error with S3's own code for what is wrong with it.
 */
export function verifySignature(message: SignedMessage, verifier: Verifier): void {
  const inQuery = message.query.has("X-Amz-Algorithm") || message.query.has("X-Amz-Signature");
  const inHeader = message.headers.authorization !== undefined;
  if (inQuery && inHeader) {
    throw new S3Error(
      "InvalidArgument",
      "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified",
      { elements: { ArgumentName: "Authorization" } },
    );
  }
  if (!inQuery && !inHeader) throw new S3Error("AccessDenied", "Access Denied");
  const claim = inQuery ? queryClaim(message) : headerClaim(message);
  checkScope(claim, verifier);
  checkNoToken(message);
  if (inQuery) checkQueryTime(claim, parseExpires(message.query.get("X-Amz-Expires")), verifier.now());
  else checkHeaderTime(claim, verifier.now());
  checkSignedHeaders(claim, message.headers);
  checkSignature(message, claim, verifier, inQuery);
}
