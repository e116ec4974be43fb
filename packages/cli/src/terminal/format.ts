/** Numbers as people read them. */
import prettyBytes from "pretty-bytes";

export function formatBytes(bytes: number): string {
  return prettyBytes(bytes, { space: true });
}

export function formatRate(bytes: number, milliseconds: number): string {
  return milliseconds <= 0 ? "" : `${prettyBytes((bytes * 1000) / milliseconds)}/s`;
}

export function formatSeconds(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${Math.round(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
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
