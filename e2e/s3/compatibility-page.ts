/** docs/compatibility.md and the results that a part of it is made of. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { mustRun } from "./servers/must-run.ts";
import { SERVERS } from "./servers/find-server.ts";
import { renderCompatibility } from "./render-compatibility.ts";
import type { Results } from "./results.ts";

const PAGE = fileURLToPath(new URL("../../docs/compatibility.md", import.meta.url));
const RESULTS = new URL("results/", import.meta.url);

const BEGIN = "<!-- from here on made by `test:s3 --write` -->";

function resultsFile(server: string): string {
  return fileURLToPath(new URL(`${server}.json`, RESULTS));
}

/** Of all servers that there are results of, in the order of the columns. */
export async function readAllResults(): Promise<readonly Results[]> {
  const files = Object.keys(SERVERS).map(async (server): Promise<readonly Results[]> => {
    const text = await readFile(resultsFile(server), "utf8").catch(() => undefined);
    return text === undefined ? [] : [JSON.parse(text)];
  });
  return (await Promise.all(files)).flat();
}

/** @returns what is written by hand, and what is made. */
export async function readPage(): Promise<{ readonly written: string; readonly made: string }> {
  const [written = "", made = ""] = (await readFile(PAGE, "utf8")).split(BEGIN);
  return { written, made };
}

/** Keeps what a run has found, and makes the page anew. */
export async function writeCompatibility(results: Results): Promise<void> {
  await mkdir(RESULTS, { recursive: true });
  await writeFile(resultsFile(results.server), `${JSON.stringify(results, undefined, 2)}\n`);
  const { written } = await readPage();
  await writeFile(PAGE, `${written}${BEGIN}\n\n${renderCompatibility(await readAllResults())}\n`);
  await mustRun("oxfmt", [PAGE, resultsFile(results.server)]);
}
