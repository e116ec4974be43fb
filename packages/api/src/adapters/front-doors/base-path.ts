/** The part of a path that names the API and not the key: a stage, or the path of a custom domain's mapping. */
import { ProtocolError } from "@s3r/shared";

/**
 * @param basePath `""` or such as `/files`.
 * @throws ProtocolError NotFound for a path that is not below it.
 */
export function stripBasePath(path: string, basePath: string): string {
  if (basePath === "") return path;
  if (path === basePath) return "/";
  if (path.startsWith(`${basePath}/`)) return path.slice(basePath.length);
  throw new ProtocolError("NotFound", `there is nothing at this path: the keys of this API are below \`${basePath}/\``);
}
