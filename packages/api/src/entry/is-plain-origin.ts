/** Whether a text is an `http` or `https` origin, with or without the slash after it, and nothing more. */
export function isPlainOrigin(value: string): boolean {
  const url = URL.parse(value);
  return (
    url !== null &&
    (url.protocol === "https:" || url.protocol === "http:") &&
    `${url.origin}/` === url.href &&
    !value.includes("?") &&
    !value.includes("#")
  );
}
