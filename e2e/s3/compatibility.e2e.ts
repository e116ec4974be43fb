/** docs/compatibility.md says what the last runs have found, and the gaps of the servers are those that they found. */
import { describe, expect, it } from "vitest";
import { readAllResults, readPage } from "./compatibility-page.ts";
import { renderCompatibility } from "./render-compatibility.ts";
import { findServer } from "./servers/find-server.ts";

/** The formatter aligns the tables, and takes the spaces from the edges of code. */
function unaligned(markdown: string): string {
  return markdown
    .replaceAll(/-{3,}/gu, "---")
    .replaceAll(/[ \n]+/gu, " ")
    .replaceAll(/` (\w+) `/gu, "`$1`")
    .trim();
}

const all = await readAllResults();

describe("docs/compatibility.md", () => {
  it("is made of the results of at least two servers besides the dev store", async () => {
    expect(all.filter(({ server }) => server !== "dev").length).toBeGreaterThanOrEqual(2);
    expect(unaligned((await readPage()).made)).toBe(unaligned(renderCompatibility(all)));
  });

  it("has the same checks for every server", () => {
    const titles = all.map(({ checks }) =>
      checks.map(({ subject, behaviour }) => `${subject} ${behaviour}`).toSorted(),
    );
    for (const list of titles) expect(list).toEqual(titles[0]);
  });

  it("names every check once, since gaps are declared by name", () => {
    for (const { checks } of all) {
      const names = checks.map(({ behaviour }) => behaviour);
      expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    }
  });

  it.each(all.map(({ server, checks }) => ({ server, checks })))(
    "has the declared gaps of $server",
    ({ server, checks }) => {
      const found = checks.filter(({ outcome }) => outcome === "gap").map(({ behaviour }) => behaviour);
      const declared = findServer(server).gaps.map(({ behaviour }) => behaviour);
      expect(found.toSorted()).toEqual(declared.toSorted());
    },
  );
});
