/** The end of a server under load, often enough to meet the rare moments of it. */
import { describe, expect, it } from "vitest";
import { endUnderLoad } from "./harness/end-under-load.ts";

describe("SIGTERM under load", () => {
  it("loses no request that was taken, 50 times", async () => {
    let answered = 0;
    for (let round = 0; round < 50; round += 1) {
      const report = await endUnderLoad(16, (round * 37) % 500);
      expect(report).toMatchObject({ exitCode: 0, lost: [], unheard: [], neverTaken: 0, idleWasClosed: true });
      expect(report.seconds).toBeLessThan(3);
      answered += report.answered;
    }
    expect(answered).toBeGreaterThan(50 * 16);
  });
});
