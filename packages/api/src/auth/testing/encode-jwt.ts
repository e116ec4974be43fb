/** For tests: a JWT put together by hand, as no library would agree to (RFC 7515 7.1). */
export interface JwtParts {
  readonly header: object;
  readonly payload: object;
  /** The signature of the signing input; none where absent. */
  readonly sign?: (input: string) => Uint8Array;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

export function encodeJwt({ header, payload, sign }: JwtParts): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${sign === undefined ? "" : Buffer.from(sign(input)).toString("base64url")}`;
}
