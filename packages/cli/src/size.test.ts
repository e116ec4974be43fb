import { expect, it } from "vitest";
import { parseSize } from "./size.ts";

it.each([
  ["0", 0],
  ["5242880", 5_242_880],
  ["5MiB", 5_242_880],
  ["5M", 5_242_880],
  ["5MB", 5_000_000],
  ["1.5GiB", 1_610_612_736],
  ["64K", 65_536],
  ["1.5B", 1],
])("%s is %i bytes", (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

it.each(["", "MiB", "5 MiB", "-1", "5TiB", "5mib", "1e3", "0x10", "5iB"])("%s is no size", (text) => {
  expect(parseSize(text)).toBeUndefined();
});
