/** Reads the XML of S3: elements alone, as text. What they mean is said where they are used. */
import { XMLParser, XMLValidator } from "fast-xml-parser";

/** Elements that are lists, though there may be one of them. */
const LISTS: ReadonlySet<string> = new Set(["Contents", "CommonPrefixes", "Part"]);

const parser = new XMLParser({
  ignoreAttributes: true,
  // Keys may look like numbers, and may begin or end with spaces.
  parseTagValue: false,
  trimValues: false,
  // The parser leaves numeric references alone, which S3 uses for what XML cannot hold.
  processEntities: false,
  isArray: (name) => LISTS.has(name),
});

/** @returns nothing when it is no XML, or holds what no document of S3's does. */
export function parseXml(xml: string): unknown {
  // No document of S3's has a type declaration, and with none there are no entities to expand.
  if (/<!DOCTYPE|<!ENTITY/iu.test(xml) || XMLValidator.validate(xml) !== true) return undefined;
  try {
    return parser.parse(xml);
  } catch {
    // The validator lets some through that the parser does not, such as an open `<?` at the end.
    return undefined;
  }
}
