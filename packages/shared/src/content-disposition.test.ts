import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { complainAboutDisposition } from "./content-disposition.ts";

describe("a response-content-disposition", () => {
  it.each([
    "attachment",
    'attachment; filename="report 2026.pdf"',
    'attachment;filename="a.tgz"',
    "attachment; filename=a.tgz",
    "attachment; filename*=UTF-8''%E6%97%A5.txt",
    "attachment; filename=\"x.txt\"; filename*=UTF-8''%C3%A9.txt",
  ])("may be %s", (value) => {
    expect(complainAboutDisposition(value)).toBeUndefined();
  });

  it.each([
    "",
    "inline",
    "Attachment",
    "attachment;",
    "attachment, inline",
    "attachment; inline",
    "attachment; filename=",
    'attachment; filename=""',
    'attachment; filename="a"; filename="b"',
    'attachment; filename="a\\"b"',
    'attachment; filename="../x"',
    'attachment; filename="a/b"',
    'attachment; filename=".bashrc"',
    'attachment; filename="x."',
    'attachment; filename="CON.txt"',
    'attachment; filename="C:x"',
    'attachment; filename="é"',
    'attachment; filename="x"\r\nSet-Cookie: a=b',
    "attachment; filename*=UTF-8''%2e%2e%2fx",
    "attachment; filename*=UTF-8''%5cx",
    "attachment; filename*=UTF-8''%e2%80%aex.txt",
    "attachment; filename*=UTF-8''%0d%0ax",
    "attachment; filename*=UTF-8''%ff",
    "attachment; filename*=UTF-8''%zz",
    "attachment; filename*=ISO-8859-1''x",
    'attachment; x="y"',
  ])("may not be %j", (value) => {
    expect(complainAboutDisposition(value)).toMatch(/^must /u);
  });

  it("never lets through what is not an attachment, a line break or a path, whatever is asked", () => {
    const pieces = fc.constantFrom(
      "attachment",
      "inline",
      ";",
      " ",
      "filename",
      "*",
      "=",
      '"',
      "UTF-8''",
      "%2f",
      "..",
      "/",
      "a",
      "\r\n",
      "%00",
    );
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 12 }).map((list) => list.join("")),
        (value) => {
          const isTaken = complainAboutDisposition(value) === undefined;
          const isDangerous = !/^attachment(?:$|;)/u.test(value) || /[\r\n/\\]|%2f|%00|\.\./iu.test(value);
          expect(isTaken && isDangerous).toBe(false);
        },
      ),
      { numRuns: 3000 },
    );
  });
});
