/** 50 MiB without Expect over a link that loses 3 % of its packets: an early close would destroy some of the answers. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { MEBIBYTE, writeRandomFile } from "./harness/files.ts";
import { run } from "./harness/run.ts";
import { temporaryDirectory } from "./harness/stack.ts";

let directory: string;

beforeAll(async () => {
  directory = await temporaryDirectory();
  await writeRandomFile(join(directory, "file"), 50 * MEBIBYTE);
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

const ENTRY = fileURLToPath(new URL("../packages/api/src/entry/dev.ts", import.meta.url));

/** In a network namespace of its own, where loopback may be spoiled without harm. Prints one exit code a line. */
const SCRIPT = `
set -e
ip link set lo up
nft add table inet loss
nft 'add chain inet loss input { type filter hook input priority 0; }'
"$NODE" "$ENTRY" --port 0 --store-port 0 --data "$DIRECTORY/data" --json > "$DIRECTORY/address" &
for i in $(seq 100); do [ -s "$DIRECTORY/address" ] && break; sleep 0.1; done
api=$(sed 's/.*"api":"\\([^"]*\\)".*/\\1/' "$DIRECTORY/address")
nft 'add rule inet loss input tcp dport { 1-65535 } numgen random mod 100 < 3 drop'
for i in $(seq 40); do
  curl -q -sS -fL -m 120 -H Expect: -o /dev/null -T "$DIRECTORY/file" "$api/lossy" && echo ok || echo "failed $?"
done
kill %1
`;

it("uploads 40 times out of 40", async () => {
  const finished = await run("unshare", ["--net", "bash", "-c", SCRIPT], {
    env: { NODE: process.execPath, ENTRY, DIRECTORY: directory },
  });
  expect(finished.stdout.trim().split("\n")).toEqual(Array.from({ length: 40 }, () => "ok"));
});
