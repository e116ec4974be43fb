/** Which headers go to the store: what was signed, and of the rest only what a store takes unsigned. */

export interface HeaderSelection {
  /** To be sent, lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Announced `x-amz-*` headers that the URL does not cover: the store would refuse the request with them. */
  readonly unsigned: readonly string[];
}

/** The names in `X-Amz-SignedHeaders`, lower-case. */
function signedNames(url: URL): ReadonlySet<string> {
  // Not `searchParams`: of a thousand small requests it would take a tenth of the time.
  const value = /[?&]x-amz-signedheaders=([^&]*)/iu.exec(url.search)?.[1] ?? "";
  return new Set(value.toLowerCase().split(/;|%3b/u));
}

/** S3 refuses `x-amz-*` headers that are not signed, and takes others (aws/aws-sdk-js-v3#3906). */
export function selectHeaders(url: URL, announced: Readonly<Record<string, string>>): HeaderSelection {
  const signed = signedNames(url);
  const maySend = (name: string): boolean => !name.startsWith("x-amz-") || signed.has(name);
  return {
    headers: Object.fromEntries(Object.entries(announced).filter(([name]) => maySend(name))),
    unsigned: Object.keys(announced).filter((name) => !maySend(name)),
  };
}
