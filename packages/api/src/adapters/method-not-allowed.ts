import { ALLOWED_METHODS, ProtocolError } from "@s3r/shared";

/** @param method what was asked for, in words that fit before "is not offered". */
export function methodNotAllowed(method: string): ProtocolError {
  return new ProtocolError("MethodNotAllowed", `${method} is not offered`, { headers: { allow: ALLOWED_METHODS } });
}
