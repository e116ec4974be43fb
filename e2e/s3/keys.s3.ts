/** Keys that something on the way might mangle. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
import { AWKWARD_KEYS } from "../harness/keys.ts";
import { contract, refusal } from "./contract.ts";
import { brief } from "./brief.ts";
import { elementTexts } from "./element-texts.ts";
import type { Store } from "./store.ts";

const LONGEST = 1024;

const NAMES = [
  ...AWKWARD_KEYS.filter((key) => key.length < LONGEST),
  "it's",
  '"quoted"',
  "<tag>",
  "a;b:c,d@e$f!g*h",
  "[a]{b}|^`",
  "a%2Fb",
  "a%20b",
  " space ",
  ".hidden",
  "...",
  "-rf",
  "e\u0301",
  "\uFFFC",
  "a/b c/d+e/f",
];

/** Puts, reads, lists and deletes it. */
async function roundTrip(store: Store, key: string): Promise<readonly unknown[]> {
  const put = await store.ask(key, { method: "PUT", body: key });
  const head = await store.ask(key, { method: "HEAD" });
  const got = await store.ask(key, { method: "GET" });
  const [folder = "", number = ""] = key.split("/");
  const listed = await store.ask(`${folder}/${number}/`, { method: "GET", query: "list-type=2" });
  const deleted = await store.ask(key, { method: "DELETE" });
  const [found = ""] = elementTexts("Key", listed.body);
  return [put.status, head.status, got.body.toString() === key, found === key, deleted.status];
}

const WHOLE_WAY = [200, 200, true, true, 204];

for (const name of NAMES) {
  contract(
    "Keys",
    `\`${name.replaceAll("`", "´")}\` is put, read, listed and deleted as it is`,
    WHOLE_WAY,
    async (store) => roundTrip(store, store.key(name)),
  );
}

/** Of 1,024 bytes in all, in segments of at most so many. */
function longKey(store: Store, segment: number): string {
  const key = store.key("");
  const rest = Array.from({ length: LONGEST - key.length }, (_, index) =>
    index % (segment + 1) === segment ? "/" : "k",
  );
  return key + rest.join("").replace(/\/$/u, "k");
}

contract(
  "Keys",
  "of 1,024 bytes in one segment are put, read, listed and deleted as they are",
  WHOLE_WAY,
  async (store) => roundTrip(store, longKey(store, LONGEST)),
);

contract(
  "Keys",
  "of 1,024 bytes in segments of 100 are put, read, listed and deleted as they are",
  WHOLE_WAY,
  async (store) => roundTrip(store, longKey(store, 100)),
);

contract(
  "Keys",
  "that are each other's prefix are two objects (`a` and `a/b`)",
  [200, 200, "a", "a/b"],
  async (store) => {
    const key = store.key("a");
    const first = await store.ask(key, { method: "PUT", body: "a" });
    const second = await store.ask(`${key}/b`, { method: "PUT", body: "a/b" });
    const bodies = [await store.ask(key, { method: "GET" }), await store.ask(`${key}/b`, { method: "GET" })];
    return [
      first.status,
      second.status,
      ...bodies.map(({ status, body }) => (status === 200 ? body.toString() : status)),
    ];
  },
);

contract("Keys", "that differ in case are two objects", ["upper", "lower"], async (store) => {
  const prefix = store.key("");
  await store.ask(`${prefix}K`, { method: "PUT", body: "upper" });
  await store.ask(`${prefix}k`, { method: "PUT", body: "lower" });
  const upper = await store.ask(`${prefix}K`, { method: "GET" });
  return [upper.body.toString(), (await store.ask(`${prefix}k`, { method: "GET" })).body.toString()];
});

const REFUSED: readonly (readonly [title: string, name: string])[] = [
  ["an empty segment (`//`)", "a//b"],
  ["a `..` segment", "../b"],
  ["a `.` segment", "./b"],
  ["a backslash", "a\\b"],
  ["a slash at its end", "a/"],
  ["a control character", "a\u0007b"],
  ["more than 1,024 bytes", "k".repeat(LONGEST)],
];

for (const [title, name] of REFUSED) {
  refusal("Keys", `with ${title} are refused by the API`, "400 InvalidKey", async (store) =>
    brief(await store.ask(store.key(name), { method: "GET" })),
  );
}
