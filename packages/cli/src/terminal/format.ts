/** Numbers as people read them. */
import prettyBytes from "pretty-bytes";

export function formatBytes(bytes: number): string {
  return prettyBytes(bytes, { space: true });
}

export function formatRate(bytes: number, milliseconds: number): string {
  return milliseconds <= 0 ? "" : `${prettyBytes((bytes * 1000) / milliseconds)}/s`;
}

export function formatSeconds(milliseconds: number): string {
  if (milliseconds < 9950) return `${(milliseconds / 1000).toFixed(1)} s`;
  // Rounded first, so that there is never a sixtieth second or minute.
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Whole percents, 100 only when all is there. */
export function formatPercent(done: number, total: number): string {
  return total === 0 ? "100%" : `${Math.floor((done * 100) / total)}%`;
}

/** Text from outside, without what would steer a terminal. */
export function printable(text: string): string {
  return text.replaceAll(
    /\p{Cc}/gu,
    (character) => `\\x${(character.codePointAt(0) ?? 0).toString(16).padStart(2, "0")}`,
  );
}
