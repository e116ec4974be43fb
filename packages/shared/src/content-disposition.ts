/**
 * The one override of an answer that clients may ask for: to be saved under a name. Never `inline`,
 * which beside an HTML object would be script on the bucket's origin.
 */
import { percentDecodeOnce } from "./object-key.ts";

/** `filename="…"` (RFC 6266 4.1) and `filename*=UTF-8''…` (RFC 8187 3.2.1), each at most once, in this order. */
const ATTACHMENT =
  /^attachment(?:; ?filename=(?:"(?<quoted>[^"\\\p{Cc}]{1,255})"|(?<token>[\w!#$&+.^`|~-]{1,255})))?(?:; ?filename\*=UTF-8''(?<extended>[A-Za-z0-9!#$&+.^_`|~%-]{1,1024}))?$/u;

const RULE = "must be `attachment`, or `attachment; filename=\"name.ext\"`, or `attachment; filename*=UTF-8''name.ext`";

/** Neither a path nor a hidden file, nothing that turns the text around, and no name that Windows keeps for devices or cuts. */
function isSafeFileName(name: string): boolean {
  return (
    name.isWellFormed() &&
    !/[/\\:*?"<>|\p{Cc}\p{Bidi_Control}]/u.test(name) &&
    !/^[. ]|[. ]$/u.test(name) &&
    !/^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/iu.test(name)
  );
}

function decodeExtended(value: string): string | undefined {
  try {
    return percentDecodeOnce(value);
  } catch {
    return undefined;
  }
}

/** What is wrong with a `response-content-disposition`, or nothing. */
export function complainAboutDisposition(value: string): string | undefined {
  if (!/^[\x20-\x7e]*$/u.test(value)) return "must be printable ASCII: other names go into `filename*=UTF-8''…`";
  const parsed = ATTACHMENT.exec(value);
  if (parsed === null) return RULE;
  const { quoted, token, extended } = parsed.groups ?? {};
  const names = [quoted ?? token, ...(extended === undefined ? [] : [decodeExtended(extended) ?? ""])];
  return names.every((name) => name === undefined || (name !== "" && isSafeFileName(name)))
    ? undefined
    : 'must name a plain file: no path, no leading or final dot or space, none of `/ \\ : * ? " < > |`, no control characters';
}
