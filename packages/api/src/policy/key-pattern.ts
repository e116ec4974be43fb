/**
 * Which keys a statement is about: a pattern in which `${claims.NAME}` stands for a claim of the
 * principal. A claim's value is literal text, never a pattern.
 */
import type { Claims } from "../auth/principal.ts";
import {
  fromTokens,
  hasWholeStars,
  literalToken,
  parseTextPattern,
  patternToken,
  type TextPattern,
  type Token,
} from "./text-pattern.ts";

/** One segment as written, or what it is made of when a claim is part of it. */
type Segment = string | { readonly before: string; readonly claim: string; readonly after: string };

export interface KeyPattern {
  readonly source: string;
  readonly segments: readonly Segment[];
  /** Compiled once, where no claim is to be filled in. */
  readonly fixed?: TextPattern;
}

const PLACEHOLDER = /\$\{([^}]*)\}/gu;
const CLAIM = /^claims\.([A-Za-z0-9_][\w./:-]{0,127})$/u;

/** A name may hold a `/` (`oidc.circleci.com/project-id`), so segments are what stands between the others. */
function splitSegments(source: string): string[] {
  return source.match(/(?:\$\{[^}]*\}|[^/])+|(?<=^|\/)(?=\/|$)/gu) ?? [""];
}

function complainAboutText(text: string): string | undefined {
  if (text.includes("${")) return "`${` begins a claim, as in `${claims.repository_id}`";
  if (/[\p{Cc}\\]/u.test(text)) return "must hold no backslash and no control character: no key does";
  return text.isWellFormed() ? undefined : "must be well-formed Unicode";
}

function complainAboutSegment(segment: string): string | undefined {
  if (segment === "")
    return "must hold no empty segment: no `/` at its beginning or end, no `//` (`builds/**` is all below builds)";
  if (segment === "." || segment === "..") return "must hold no `.` or `..` segment: no key does";
  const placeholders = [...segment.matchAll(PLACEHOLDER)];
  const text = segment.replaceAll(PLACEHOLDER, "");
  if (placeholders.some(([, name = ""]) => !CLAIM.test(name)))
    return "only claims can be filled in, as in `${claims.repository_id}`";
  if (placeholders.length > 1) return "must have one claim a segment: two would let one value run into the other";
  if (placeholders.length > 0 && text.includes("*"))
    return "must not have a `*` beside a claim: `${claims.team}*` would open other teams' keys";
  if (!hasWholeStars(segment)) return "`**` must be a whole segment, as in `builds/**`";
  return complainAboutText(text);
}

function toSegment(segment: string): Segment {
  const [placeholder] = segment.matchAll(PLACEHOLDER);
  const claim = CLAIM.exec(placeholder?.[1] ?? "")?.[1];
  if (placeholder === undefined || claim === undefined) return segment;
  return {
    before: segment.slice(0, placeholder.index),
    claim,
    after: segment.slice(placeholder.index + placeholder[0].length),
  };
}

export type ParsedKeyPattern =
  | { readonly ok: true; readonly pattern: KeyPattern }
  | { readonly ok: false; readonly complaint: string };

export function parseKeyPattern(source: string): ParsedKeyPattern {
  const written = splitSegments(source);
  const complaint = written.map(complainAboutSegment).find((each) => each !== undefined);
  if (complaint !== undefined) return { ok: false, complaint };
  const segments = written.map(toSegment);
  const isFixed = segments.every((segment) => typeof segment === "string");
  return { ok: true, pattern: { source, segments, ...(isFixed ? { fixed: parseTextPattern(source) } : {}) } };
}

export function claimsOf({ segments }: KeyPattern): readonly string[] {
  return segments.flatMap((segment) => (typeof segment === "string" ? [] : [segment.claim]));
}

/** A claim that can be compared, as text. Objects, arrays, `null` and numbers that JSON has rounded cannot. */
export function claimText(claims: Claims, name: string): string | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  if (typeof value === "string" || typeof value === "boolean") return String(value);
  return Number.isSafeInteger(value) ? String(value) : undefined;
}

/** What could be taken for anything but plain text, or for another key, fills in nothing. */
function isPlainPath(value: string): boolean {
  return (
    value.isWellFormed() &&
    !/[\p{Cc}\\*]|\.\.|\$\{/u.test(value) &&
    value.split("/").every((segment) => segment !== "" && segment !== ".")
  );
}

function fillSegment(segment: Exclude<Segment, string>, claims: Claims): string | undefined {
  const value = claimText(claims, segment.claim);
  if (value === undefined || !isPlainPath(value)) return undefined;
  // Beside other text a value is a part of one segment, never more than one.
  if (segment.before + segment.after !== "" && value.includes("/")) return undefined;
  return segment.before + value + segment.after;
}

/** The pattern for one principal, or nothing when a claim that it needs is absent or not plain text. */
export function fillClaims(pattern: KeyPattern, claims: Claims): TextPattern | undefined {
  if (pattern.fixed !== undefined) return pattern.fixed;
  const texts: string[] = [];
  const tokens: Token[] = [];
  for (const segment of pattern.segments) {
    const text = typeof segment === "string" ? segment : fillSegment(segment, claims);
    if (text === undefined) return undefined;
    texts.push(text);
    tokens.push(...(typeof segment === "string" ? [patternToken(text)] : text.split("/").map(literalToken)));
  }
  return fromTokens(texts.join("/"), tokens);
}
