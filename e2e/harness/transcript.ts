/** Reads the HTTP transcripts of `docs/protocol/` and matches answers against them. */

export interface Message {
  /** `GET /k HTTP/1.1` or `HTTP/1.1 200 OK`. */
  readonly startLine: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Each line with its line feed; `""` for none. */
  readonly body: string;
}

export interface Exchange {
  readonly request: Message;
  readonly answer: Message;
}

export type Variables = Record<string, string>;

const FENCE = /```http\n([\s\S]*?)```/gu;

function parseMessage(lines: readonly string[]): Message {
  const [startLine = "", ...rest] = lines;
  const blank = rest.indexOf("");
  const headerLines = blank === -1 ? rest : rest.slice(0, blank);
  const bodyLines = blank === -1 ? [] : rest.slice(blank + 1);
  return {
    startLine,
    headers: headerLines.map((line) => {
      const at = line.indexOf(":");
      return [line.slice(0, at), line.slice(at + 1).trim()];
    }),
    body: bodyLines.map((line) => `${line}\n`).join(""),
  };
}

/** The lines behind a marker, without it. */
function linesOf(block: string, marker: string): string[] {
  return block
    .split("\n")
    .filter((line) => line.startsWith(marker))
    .map((line) => line.slice(marker.length).replace(/^ /u, ""));
}

/** Every exchange of a page, in order. Within a fence they are separated by an empty line. */
export function parseTranscripts(markdown: string): readonly Exchange[] {
  return [...markdown.matchAll(FENCE)].flatMap(([, fence = ""]) =>
    fence
      .trim()
      .split("\n\n")
      .map((block) => ({ request: parseMessage(linesOf(block, ">")), answer: parseMessage(linesOf(block, "<")) })),
  );
}

/** Puts the values of variables in place of `{name}`; braces around anything else stay. */
export function substitute(text: string, variables: Variables): string {
  return text.replaceAll(/\{(\w+)\}/gu, (whole, name: string) => variables[name] ?? whole);
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/gu, String.raw`\$&`);
}

/**
 * Matches a text against a pattern in which `…` is any text and `{name}` a value to remember.
 * @returns the values, or nothing when it does not match.
 */
export function match(pattern: string, text: string): Variables | undefined {
  const source = pattern
    .split(/(…|\{(?:location|uploadId|etag)\})/u)
    .map((piece) => {
      if (piece === "…") return "[^]*?";
      return /^\{\w+\}$/u.test(piece) ? `(?<${piece.slice(1, -1)}>[^"<>\\s]+)` : escapeRegExp(piece);
    })
    .join("");
  const found = new RegExp(`^${source}$`, "u").exec(text);
  return found === null ? undefined : { ...found.groups };
}
