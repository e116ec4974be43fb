/** What keeps a command of `s3r-api` from doing its work, in words for whoever typed it. */
export class AdminError extends Error {
  override readonly name = "AdminError";
}
