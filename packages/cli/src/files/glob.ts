/** Patterns of paths, as shells know them; `**` is any number of folders. Paths have `/` between their names. */
import picomatch from "picomatch";

export type Matches = (path: string) => boolean;

/** Whether a name is meant as a pattern. A backslash takes a character's meaning away. */
export function isGlob(text: string): boolean {
  return /[*?[\]{}]|[!@+]\(/u.test(text.replaceAll(/\\./gu, ""));
}

/** Names that begin with a dot have to be named, as in shells. */
export function compileGlob(pattern: string): Matches {
  const matches = picomatch(pattern, { nonegate: true, strictSlashes: true });
  return (path) => matches(path);
}

/**
 * A pattern of `--include` and `--exclude`: without a `/` it is about names at any depth, with one about paths from the top; a folder that it
 * matches stands for all that is in it (gitignore(5)).
 */
export function compileRule(pattern: string): Matches {
  const trimmed = pattern.replace(/\/+$/u, "");
  const anchored = trimmed.includes("/") ? trimmed.replace(/^\/+/u, "") : `**/${trimmed}`;
  const matches = picomatch([anchored, `${anchored}/**`], { dot: true, nonegate: true });
  return (path) => matches(path);
}

export interface SplitGlob {
  /** The folder that all matches lie in: `""` for the working directory. */
  readonly base: string;
  /** What is matched within it. */
  readonly pattern: string;
  /** How many names the longest match has; infinite with `**`. */
  readonly maximumDepth: number;
}

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/gu, "$1");
}

/** `src/**` + `/*.js` → `src`, and the rest. */
export function splitGlob(glob: string): SplitGlob {
  const names = glob.split("/");
  const first = names.findIndex((name) => isGlob(name));
  const cut = first === -1 ? names.length - 1 : first;
  const rest = names.slice(cut);
  const isBounded = rest.every((name) => !name.includes("**")) && !/[{(]/u.test(rest.join("/"));
  const base = names.slice(0, cut).map(unescape).join("/");
  return {
    base: base === "" && glob.startsWith("/") ? "/" : base,
    pattern: rest.join("/"),
    maximumDepth: isBounded ? rest.length : Number.POSITIVE_INFINITY,
  };
}
