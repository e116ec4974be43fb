/** One thing that is wrong with a policy. */
export interface Complaint {
  /** From the document's root: `["statements", 2, "limits", "maxBytes"]`. */
  readonly path: readonly (string | number)[];
  /** What must be, or what is wrong; it follows the path in a sentence. */
  readonly message: string;
}

/** `statements[2].limits.maxBytes`, and `the policy` for its root. */
export function formatPath(path: Complaint["path"]): string {
  const text = path
    .map((step) => {
      if (typeof step === "number") return `[${step}]`;
      return /^\w+$/u.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
    })
    .join("");
  return text === "" ? "the policy" : text.replace(/^\./u, "");
}
