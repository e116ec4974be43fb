const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function characterOf(whole: string, name: string): string {
  if (name.startsWith("#x")) return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
  if (name.startsWith("#")) return String.fromCodePoint(Number(name.slice(1)));
  return NAMED[name] ?? whole;
}

/** The text of every element of this name, which has no children, in the order of the XML. */
export function elementTexts(name: string, xml: Buffer): readonly string[] {
  return [...xml.toString().matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "gu"))].map(([, text = ""]) =>
    text.replaceAll(/&(#?\w+);/gu, characterOf),
  );
}
