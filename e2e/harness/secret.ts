/** What no process of s3r may ever print: looked for in all that they say during the tests. */

/** Presigned queries, JWTs, tokens of `s3r-api token new`, credentials in a header, and those of these tests. */
const SECRET =
  /X-Amz-(?:Signature|Credential|Security-Token)=|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}|s3r_[\w-]{43}|\b(?:Bearer|Basic) [\w+/=.-]{20,}|t0p-s3cret/iu;

/** Given to the APIs of the tests, and worth nothing elsewhere. */
export const TEST_TOKEN = "t0p-s3cret";

/** @throws Error that says where, and not what. */
export function requireNoSecret(text: string, where: string): void {
  const found = SECRET.exec(text);
  if (found !== null)
    throw new Error(`${where} printed a secret: …${found[0].slice(0, 6)}… at character ${found.index}`);
}
