/** Ranges and conditions of GET and HEAD, by which s3r resumes and a cache revalidates. RFC 9110 sections 13 and 14. */
import { contract } from "./contract.ts";
import { brief } from "./brief.ts";
import type { Answer } from "./ask.ts";
import type { Store } from "./store.ts";

const TEN = "0123456789";

async function putTen(store: Store): Promise<string> {
  const key = store.key("ten");
  await store.ask(key, { method: "PUT", body: TEN });
  return key;
}

function ranged({ status, headers, body }: Answer): readonly unknown[] {
  return [status, headers["content-range"], headers["content-length"], body.toString()];
}

async function getRange(store: Store, range: string): Promise<Answer> {
  return await store.ask(await putTen(store), { method: "GET", headers: [`Range: bytes=${range}`] });
}

contract("GetObject", "has a range from first to last", [206, "bytes 2-4/10", "3", "234"], async (store) =>
  ranged(await getRange(store, "2-4")),
);

contract("GetObject", "has an open range", [206, "bytes 7-9/10", "3", "789"], async (store) =>
  ranged(await getRange(store, "7-")),
);

contract("GetObject", "has the last bytes", [206, "bytes 8-9/10", "2", "89"], async (store) =>
  ranged(await getRange(store, "-2")),
);

contract("GetObject", "ends a range where the object ends", [206, "bytes 5-9/10", "5", "56789"], async (store) =>
  ranged(await getRange(store, "5-99")),
);

contract("GetObject", "is 416 InvalidRange for a range behind the end", "416 InvalidRange", async (store) =>
  brief(await getRange(store, "10-")),
);

contract("HeadObject", "has the length of a range", [206, "3"], async (store) => {
  const { status, headers } = await store.ask(await putTen(store), { method: "HEAD", headers: ["Range: bytes=2-4"] });
  return [status, headers["content-length"]];
});

/** The ETag and date of ten bytes, and the statuses of GET and HEAD under a condition made of them. */
async function statusesIf(
  store: Store,
  condition: (head: Answer["headers"]) => readonly string[],
): Promise<readonly number[]> {
  const key = await putTen(store);
  const headers = condition((await store.ask(key, { method: "HEAD" })).headers);
  const get = await store.ask(key, { method: "GET", headers });
  const head = await store.ask(key, { method: "HEAD", headers });
  return [get.status, head.status];
}

contract("GetObject", "is 304 for If-None-Match with its ETag, and HEAD too", [304, 304], async (store) =>
  statusesIf(store, ({ etag }) => [`If-None-Match: ${etag}`]),
);

contract("GetObject", "is 200 for If-None-Match with another ETag, and HEAD too", [200, 200], async (store) =>
  statusesIf(store, () => ['If-None-Match: "another"']),
);

contract("GetObject", "is 200 for If-Match with its ETag, and HEAD too", [200, 200], async (store) =>
  statusesIf(store, ({ etag }) => [`If-Match: ${etag}`]),
);

contract("GetObject", "is 412 for If-Match with another ETag, and HEAD too", [412, 412], async (store) =>
  statusesIf(store, () => ['If-Match: "another"']),
);

contract("GetObject", "is 304 for If-Modified-Since with its date, and HEAD too", [304, 304], async (store) =>
  statusesIf(store, (head) => [`If-Modified-Since: ${head["last-modified"]}`]),
);

contract("GetObject", "is 412 for If-Unmodified-Since before its date, and HEAD too", [412, 412], async (store) =>
  statusesIf(store, () => ["If-Unmodified-Since: Wed, 21 Oct 2015 07:28:00 GMT"]),
);

contract("GetObject", "is 412 for a range of what was replaced meanwhile (If-Match)", [206, 412], async (store) => {
  const key = await putTen(store);
  const { etag } = (await store.ask(key, { method: "HEAD" })).headers;
  const headers = ["Range: bytes=2-4", `If-Match: ${etag}`];
  const before = await store.ask(key, { method: "GET", headers });
  await store.ask(key, { method: "PUT", body: "another" });
  return [before.status, (await store.ask(key, { method: "GET", headers })).status];
});
