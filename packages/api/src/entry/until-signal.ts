/** Resolves at the first SIGINT or SIGTERM. A second one ends the process at once, as Node does by itself. */
export async function untilSignal(): Promise<void> {
  await new Promise<void>((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
}
