/** What keeps a build from being made, in words for whoever wants it. */
export class BuildError extends Error {
  override readonly name = "BuildError";
}
