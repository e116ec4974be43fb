const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  K: 1024,
  KiB: 1024,
  KB: 1000,
  M: 1024 ** 2,
  MiB: 1024 ** 2,
  MB: 1000 ** 2,
  G: 1024 ** 3,
  GiB: 1024 ** 3,
  GB: 1000 ** 3,
};

/** `64MiB`, `64M` (the same), `64MB`, `1.5GiB`, or bytes without a unit; nothing for any other text. In whole bytes. */
export function parseSize(text: string): number | undefined {
  const [, number, unit = "B"] = /^(\d{1,15}(?:\.\d{1,3})?)(B|[KMG](?:i?B)?)?$/u.exec(text) ?? [];
  return number === undefined ? undefined : Math.floor(Number(number) * (UNITS[unit] ?? Number.NaN));
}
