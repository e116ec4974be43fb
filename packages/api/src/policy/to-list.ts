/** In a policy one thing need not be written as a list of one. */
export function toList<Entry extends string | number | boolean>(value: Entry | readonly Entry[]): readonly Entry[] {
  return typeof value === "object" ? value : [value];
}
