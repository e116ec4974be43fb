/** Writes the few documents of S3's that the dev store answers with. */

/** Text, or elements by name; an array repeats the element. */
export type XmlValue = string | number | boolean | XmlElements | readonly XmlElements[];
export interface XmlElements {
  readonly [name: string]: XmlValue | undefined;
}

const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

function escapeText(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll(/[\p{Cc}\uFFFE\uFFFF]/gu, (character) => `&#x${character.codePointAt(0)?.toString(16)};`);
}

function isList(value: XmlValue): value is readonly XmlElements[] {
  return Array.isArray(value);
}

function formatElement(name: string, value: XmlValue): string {
  if (isList(value)) return value.map((one) => formatElement(name, one)).join("");
  const content = typeof value === "object" ? formatElements(value) : escapeText(String(value));
  return `<${name}>${content}</${name}>`;
}

function formatElements(elements: XmlElements): string {
  return Object.entries(elements)
    .map(([name, value]) => (value === undefined ? "" : formatElement(name, value)))
    .join("");
}

/** @param namespace whether the root carries S3's; `<Error>` does not. */
export function formatXml(root: string, elements: XmlElements, namespace = true): string {
  const attribute = namespace ? ` xmlns="${NAMESPACE}"` : "";
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${attribute}>${formatElements(elements)}</${root}>`;
}
