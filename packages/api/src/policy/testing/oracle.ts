/**
 * What the text of a policy says, told a second time for the tests: key patterns as regular expressions, statements
 * in plain loops, listings by trying keys. It shares no code with what decides requests, so that both are not wrong alike.
 */
import type { Action } from "@s3r/shared";
import type { Claims } from "../../auth/principal.ts";
import type { StatementDocument } from "../policy-document.ts";
import { toList } from "../to-list.ts";

export interface Question {
  readonly statements: readonly StatementDocument[];
  readonly name: string;
  readonly claims: Claims;
  readonly action: Action;
}

const PLACEHOLDER = /\$\{claims\.([^}]*)\}/u;
/** The last alternative is a segment that is empty or a dot. */
const UNUSABLE = /\.\.|[*\\]|\$\{|[\p{Cc}\p{Cs}]|(?:^|\/)\.?(?:\/|$)/u;

/** What JSON may have rounded is as good as no scalar: another number could have been meant. */
function scalarText(value: unknown): string | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : undefined;
  return typeof value === "string" || typeof value === "boolean" ? String(value) : undefined;
}

/** The pattern with its claims in it; nothing where one cannot be used. What was filled in never holds a `*`. */
function fill(pattern: string, claims: Claims): string | undefined {
  const segments: string[] = [];
  // A claim's name may hold a `/`, which divides nothing.
  for (const segment of pattern.split(/\/(?![^{]*\})/u)) {
    const [placeholder, name = ""] = PLACEHOLDER.exec(segment) ?? [];
    if (placeholder === undefined) {
      segments.push(segment);
      continue;
    }
    const text = Object.hasOwn(claims, name) ? scalarText(claims[name]) : undefined;
    if (text === undefined || UNUSABLE.test(text)) return undefined;
    if (text.includes("/") && segment !== placeholder) return undefined;
    segments.push(segment.split(placeholder).join(text));
  }
  return segments.join("/");
}

function escape(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/gu, "\\$&");
}

function toRegExp(pattern: string): RegExp {
  let source = "";
  const segments = pattern.split("/");
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    if (segment === "**") source += isLast ? "[^/]*(?:/[^/]*)*" : "(?:[^/]*/)*";
    else source += segment.split("*").map(escape).join("[^/]*") + (isLast ? "" : "/");
  }
  return new RegExp(`^${source}$`, "u");
}

function meetsClaims({ effect, claims: wanted = {} }: StatementDocument, claims: Claims): boolean {
  for (const [name, values] of Object.entries(wanted)) {
    if (!Object.hasOwn(claims, name)) return false;
    const text = scalarText(claims[name]);
    if (text === undefined && effect !== "deny") return false;
    if (text !== undefined && !toList(values).some((value) => toRegExp(String(value)).test(text))) return false;
  }
  return true;
}

function isAbout(statement: StatementDocument, { name, claims, action }: Question): boolean {
  const names = toList(statement.principals);
  if (!names.includes(name) && !names.includes("*")) return false;
  return toList(statement.actions).includes(action) && meetsClaims(statement, claims);
}

/** @param holds whether one pattern, its claims filled in, is about what is asked for, given its effect. */
function decide(question: Question, holds: (pattern: string, effect: "allow" | "deny") => boolean): boolean {
  let isAllowed = false;
  for (const statement of question.statements) {
    if (!isAbout(statement, question)) continue;
    const { effect = "allow" } = statement;
    for (const key of toList(statement.keys)) {
      const pattern = fill(key, question.claims);
      const isHeld = pattern === undefined ? effect === "deny" : holds(pattern, effect);
      if (isHeld && effect === "deny") return false;
      if (isHeld) isAllowed = true;
    }
  }
  return isAllowed;
}

/** Whether the policy's text allows the action on an object. */
export function allowsKey(question: Question, key: string): boolean {
  return decide(question, (pattern) => toRegExp(pattern).test(key));
}

/** Segments of which some fit the pattern, and one that nothing but stars fits. */
function wordsOf(pattern: string): readonly string[] {
  const segments = pattern.split("/").filter((segment) => segment !== "**");
  const words = segments.flatMap((segment) => [segment.replaceAll("*", ""), segment.replaceAll("*", "q")]);
  return [...new Set([...words, "zz"])].filter((word) => word !== "");
}

function suffixesOf(word: string): readonly string[] {
  return Array.from(word, (_, index) => word.slice(index));
}

function deepen(keys: readonly string[], words: readonly string[], levels: number): readonly string[] {
  if (levels === 0) return keys;
  const below = keys.flatMap((key) => words.map((word) => `${key}/${word}`));
  return [...keys, ...deepen(below, words, levels - 1)];
}

/**
 * Keys that begin with the prefix and go on for up to as many segments as the pattern has: if any key
 * can tell what the pattern leaves out or touches, one of these does.
 */
function keysBelow(prefix: string, pattern: string): readonly string[] {
  const words = wordsOf(pattern);
  const isWhole = prefix === "" || prefix.endsWith("/");
  const ends = isWhole ? words : ["", ...new Set(words.flatMap(suffixesOf))];
  const nearest = ends.map((end) => prefix + end);
  return deepen(nearest, words, pattern.split("/").length - 1);
}

/**
 * Whether the policy's text allows a listing: one pattern holds all that it would show, and no deny any of it.
 * Only what ends in `**` is said to hold a whole prefix, though a star after it would leave nothing out either.
 */
export function allowsListing(question: Question, prefix: string): boolean {
  return decide(question, (pattern, effect) => {
    if (effect === "allow" && !pattern.endsWith("**")) return false;
    const expression = toRegExp(pattern);
    const keys = keysBelow(prefix, pattern);
    return effect === "deny" ? keys.some((key) => expression.test(key)) : keys.every((key) => expression.test(key));
  });
}
