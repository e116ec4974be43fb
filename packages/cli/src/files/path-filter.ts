/** `--include` and `--exclude`: which of the paths that were found are meant. */
import { compileRule, type Matches } from "./glob.ts";

export interface FilterRule {
  readonly takes: boolean;
  readonly pattern: string;
}

export interface PathFilter {
  /** Of a path from the top of what is searched, with `/` between its names. */
  readonly accepts: (path: string) => boolean;
  /** Whether a folder can hold anything that is accepted. */
  readonly mayHold: (folder: string) => boolean;
}

interface Compiled {
  readonly takes: boolean;
  readonly matches: Matches;
}

/**
 * The last rule that matches decides, as with aws-cli; where none does, a path is taken unless the first rule is an `--include`: naming what to
 * take leaves out the rest.
 */
export function createPathFilter(rules: readonly FilterRule[]): PathFilter {
  const backwards: readonly Compiled[] = rules
    .map(({ takes, pattern }) => ({ takes, matches: compileRule(pattern) }))
    .toReversed();
  const otherwise = rules[0]?.takes !== true;

  return {
    accepts: (path) => backwards.find(({ matches }) => matches(path))?.takes ?? otherwise,
    mayHold(folder) {
      // A rule that matches a folder matches all that is in it. Before that one, an include may bring something back.
      for (const { takes, matches } of backwards) {
        if (takes) return true;
        if (matches(folder)) return false;
      }
      return otherwise;
    },
  };
}
