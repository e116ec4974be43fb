/**
 * Patterns over text with `/` in it, compared segment by segment: `*` stands for any characters within
 * one segment, `**` as a whole segment for any number of segments, also none; at the end at least one.
 * Everything else is literal. Matching takes at most (segments × tokens) steps, whatever the input.
 */

/** Either any number of segments, or one segment with these literal pieces around its `*`s. */
export type Token = { readonly kind: "many" } | { readonly kind: "one"; readonly pieces: readonly string[] };

export interface TextPattern {
  readonly source: string;
  readonly tokens: readonly Token[];
  /** Whether it stands for its own text and no other, as most do. */
  readonly isLiteral: boolean;
}

const ANY_DEPTH = "**";
const MANY: Token = { kind: "many" };
const ANY_ONE: Token = { kind: "one", pieces: ["", ""] };

/** One segment of a pattern: its stars mean something. */
export function patternToken(segment: string): Token {
  return segment === ANY_DEPTH ? MANY : { kind: "one", pieces: segment.split("*") };
}

/** One segment of exactly this text, stars and all. */
export function literalToken(segment: string): Token {
  return { kind: "one", pieces: [segment] };
}

export function parseTextPattern(source: string): TextPattern {
  return fromTokens(source, source.split("/").map(patternToken));
}

/** A `**` at the end stands for something, so that `team-a/**` is not the key `team-a` itself. */
export function fromTokens(source: string, tokens: readonly Token[]): TextPattern {
  const isLiteral = tokens.every((token) => token.kind === "one" && token.pieces.length === 1);
  return {
    source,
    isLiteral,
    tokens: tokens.at(-1)?.kind === "many" ? [...tokens.slice(0, -1), ANY_ONE, MANY] : tokens,
  };
}

/** Whether every `**` is a segment of its own. */
export function hasWholeStars(segment: string): boolean {
  return segment === ANY_DEPTH || !segment.includes(ANY_DEPTH);
}

function matchesSegment(pieces: readonly string[], segment: string): boolean {
  const [first = "", ...rest] = pieces;
  const last = rest.pop();
  if (last === undefined) return segment === first;
  if (segment.length < first.length + last.length || !segment.startsWith(first) || !segment.endsWith(last))
    return false;
  const end = segment.length - last.length;
  let at = first.length;
  for (const piece of rest) {
    const found = segment.indexOf(piece, at);
    if (found === -1 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}

/** Adds a position in the pattern, and those that are reached from it without a segment. */
function enter(positions: Set<number>, tokens: readonly Token[], position: number): void {
  for (let at = position; ; at += 1) {
    positions.add(at);
    if (tokens[at]?.kind !== "many") return;
  }
}

/** Where in the pattern one can be after these segments. */
function positionsAfter(tokens: readonly Token[], segments: readonly string[]): ReadonlySet<number> {
  let positions = new Set<number>();
  enter(positions, tokens, 0);
  for (const segment of segments) {
    const next = new Set<number>();
    for (const position of positions) {
      const token = tokens[position];
      if (token?.kind === "many") enter(next, tokens, position);
      else if (token?.kind === "one" && matchesSegment(token.pieces, segment)) enter(next, tokens, position + 1);
    }
    positions = next;
  }
  return positions;
}

export function matchesText({ source, tokens, isLiteral }: TextPattern, text: string): boolean {
  if (isLiteral) return text === source;
  return positionsAfter(tokens, text.split("/")).has(tokens.length);
}

/** A prefix as the segments that it completes, and the beginning of the next one. */
function splitPrefix(prefix: string): { readonly complete: readonly string[]; readonly begun: string } {
  const segments = prefix.split("/");
  return { complete: segments.slice(0, -1), begun: segments.at(-1) ?? "" };
}

/** Whether every text that begins with the prefix matches: what is left of the pattern is its final `**`. */
export function coversPrefix({ tokens }: TextPattern, prefix: string): boolean {
  if (tokens.at(-1)?.kind !== "many") return false;
  const positions = positionsAfter(tokens, splitPrefix(prefix).complete);
  return positions.has(tokens.length - 1) || positions.has(tokens.length - 2);
}

function mayBegin(pieces: readonly string[], begun: string): boolean {
  const [first = "", ...rest] = pieces;
  return rest.length === 0 ? first.startsWith(begun) : begun.startsWith(first) || first.startsWith(begun);
}

/** Whether some text that begins with the prefix may match: no only where it is certain. */
export function overlapsPrefix({ tokens }: TextPattern, prefix: string): boolean {
  const { complete, begun } = splitPrefix(prefix);
  for (const position of positionsAfter(tokens, complete)) {
    const token = tokens[position];
    if (token?.kind === "many" || (token?.kind === "one" && mayBegin(token.pieces, begun))) return true;
  }
  return false;
}
