import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { thrownBy } from "../testing/thrown-by.ts";
import { lookAtFile } from "./look-at-file.ts";

it("keeps what is small, and says how large the rest is", () => {
  const root = mkdtempSync(join(tmpdir(), "s3r-look-"));
  const path = join(root, "file");
  writeFileSync(path, "12345");
  expect(lookAtFile(path, 5)).toMatchObject({ size: 5, bytes: Buffer.from("12345") });
  expect(lookAtFile(path, 4)).toMatchObject({ size: 5, bytes: undefined });
  expect(thrownBy(() => lookAtFile(join(root, "none"), 5))).toMatchObject({ code: "NotFound" });
  expect(thrownBy(() => lookAtFile(root, 5))).toMatchObject({ code: "LocalIo" });
  rmSync(root, { recursive: true });
});
