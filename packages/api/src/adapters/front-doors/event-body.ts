/** The body of an event. The API reads that of a POST only; of any other it matters how long it is. */

interface WithBody {
  readonly body?: string | null | undefined;
  readonly isBase64Encoded?: boolean | undefined;
}

function decode({ body, isBase64Encoded }: WithBody): Buffer<ArrayBuffer> {
  return Buffer.from(body ?? "", isBase64Encoded === true ? "base64" : "utf8");
}

export function eventBody(method: string, event: WithBody): Buffer<ArrayBuffer> | null {
  return method === "POST" ? decode(event) : null;
}

/**
 * In bytes, or undefined where it cannot be told: bytes that are no text have become replacement characters, unless
 * the body came as base64.
 */
export function eventBodyLength(event: WithBody): number | undefined {
  const isBroken = event.isBase64Encoded !== true && (event.body ?? "").includes("\u{fffd}");
  return isBroken ? undefined : decode(event).byteLength;
}
