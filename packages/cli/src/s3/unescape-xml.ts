/** The entities that XML itself names (XML 1.0, 4.6); with no document type there are no others. */
const NAMED: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);

function character(codePoint: number): string | undefined {
  return codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : undefined;
}

/** Text of an XML document as it was meant. What is no reference stays as it is. */
export function unescapeXml(text: string): string {
  if (!text.includes("&")) return text;
  return text.replaceAll(/&(#x|#)?(\w{1,8});/gu, (escaped: string, kind: string | undefined, name: string) => {
    if (kind === "#" && /^\d+$/u.test(name)) return character(Number(name)) ?? escaped;
    if (kind === "#x" && /^[\da-f]+$/iu.test(name)) return character(Number.parseInt(name, 16)) ?? escaped;
    return (kind === undefined ? NAMED.get(name) : undefined) ?? escaped;
  });
}
