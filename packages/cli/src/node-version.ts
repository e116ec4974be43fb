/** Undici 8 needs it; below, it dies of an internal error instead of saying so. */
const MINIMUM = { major: 22, minor: 19 };

/** What to say when this version of Node is too old; nothing otherwise. Looks at nothing that an old one does not have. */
export function nodeComplaint(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > MINIMUM.major || (major === MINIMUM.major && minor >= MINIMUM.minor)) return undefined;
  return [
    `s3r: error: Node.js ${version} is too old`,
    `  because: s3r needs ${MINIMUM.major}.${MINIMUM.minor} or later`,
    "  try: npx -y -p node@24 -p s3r s3r --help, or install Node.js 24 from https://nodejs.org",
    "",
  ].join("\n");
}
