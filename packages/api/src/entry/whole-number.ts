/** A whole number of decimal digits within bounds, or undefined. */
export function wholeNumber(value: string, minimum: number, maximum: number): number | undefined {
  const number = Number(value);
  return /^\d{1,9}$/u.test(value) && number >= minimum && number <= maximum ? number : undefined;
}
