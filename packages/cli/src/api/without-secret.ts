/** Servers echo what they are sent, in debug pages above all, and answers are shown: without the credentials. */

/** A shorter one would be found in words that are none. */
const MIN_SECRET_CHARACTERS = 6;

function secretsIn(authorization: string): readonly string[] {
  const [scheme, value = ""] = authorization.split(" ");
  if (scheme !== "Basic") return [value];
  const userinfo = Buffer.from(value, "base64").toString("utf8");
  return [value, userinfo, userinfo.slice(userinfo.indexOf(":") + 1)];
}

/** @param authorization the header that was sent. */
export function withoutSecret(text: string, authorization: string | undefined): string {
  if (authorization === undefined) return text;
  const secrets = secretsIn(authorization).filter(({ length }) => length >= MIN_SECRET_CHARACTERS);
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, "…"), text);
}
