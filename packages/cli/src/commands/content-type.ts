import { lookup } from "mrmime";

/** By the name alone, as web servers guess it. */
export function contentTypeOf(name: string): string {
  return lookup(name) ?? "application/octet-stream";
}
