/** ListObjectsV2. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
import { contract } from "./contract.ts";
import { elementTexts } from "./element-texts.ts";
import type { Answer } from "./ask.ts";
import type { Store } from "./store.ts";

/** In the order of their bytes in UTF-8; that of UTF-16 has the last two the other way round. */
const NAMES = ["A", "a-b/x", "a.b/x", "a/x", "a/y/z", "a<&>'\"b", "é", "\uFFFC", "😀"];

/** @returns the prefix, with a slash, below which these are. */
async function putNames(store: Store, names: readonly string[]): Promise<string> {
  const prefix = store.key("");
  await Promise.all(names.map(async (name) => store.ask(prefix + name, { method: "PUT", body: name })));
  return prefix;
}

async function list(store: Store, prefix: string, more = ""): Promise<Answer> {
  return await store.ask(prefix, { method: "GET", query: `list-type=2${more}` });
}

function keysOf({ body }: Answer, prefix: string): readonly string[] {
  return elementTexts("Key", body).map((key) => key.slice(prefix.length));
}

contract(
  "ListObjectsV2",
  "has all keys below a prefix, in the order of their bytes",
  [307, 200, NAMES, [String(NAMES.length)], ["false"]],
  async (store) => {
    const prefix = await putNames(store, NAMES);
    const answer = await list(store, prefix);
    return [
      ...answer.statuses,
      keysOf(answer, prefix),
      elementTexts("KeyCount", answer.body),
      elementTexts("IsTruncated", answer.body),
    ];
  },
);

contract("ListObjectsV2", "has sizes, ETags and dates", [["5"], 1, true], async (store) => {
  const prefix = await putNames(store, ["12345"]);
  const { body } = await list(store, prefix);
  const [date = ""] = elementTexts("LastModified", body);
  return [
    elementTexts("Size", body),
    elementTexts("ETag", body).length,
    Math.abs(Date.now() - Date.parse(date)) < 60_000,
  ];
});

contract("ListObjectsV2", "has one level with a delimiter", [["A"], ["a-b/", "a/"]], async (store) => {
  const prefix = await putNames(store, ["A", "a-b/x", "a/x", "a/y/z"]);
  const answer = await list(store, prefix, "&delimiter=/");
  const folders = elementTexts("Prefix", answer.body).map((folder) => folder.slice(prefix.length));
  return [keysOf(answer, prefix), folders.filter((folder) => folder !== "")];
});

contract("ListObjectsV2", "takes a prefix that ends within a name", ["a-b/x", "a/x"], async (store) => {
  const prefix = await putNames(store, ["A", "a-b/x", "a/x", "b"]);
  return keysOf(await list(store, `${prefix}a`), prefix);
});

contract(
  "ListObjectsV2",
  "goes on with its continuation token, page by page",
  [["A", "a-b/x"], ["true"], ["a/x", "b"], ["false"]],
  async (store) => {
    const prefix = await putNames(store, ["A", "a-b/x", "a/x", "b"]);
    const first = await list(store, prefix, "&max-keys=2");
    const [token = ""] = elementTexts("NextContinuationToken", first.body);
    const second = await list(store, prefix, `&max-keys=2&continuation-token=${encodeURIComponent(token)}`);
    return [first, second].flatMap((answer) => [keysOf(answer, prefix), elementTexts("IsTruncated", answer.body)]);
  },
);

contract("ListObjectsV2", "counts folders as keys of a page", [["a/"], ["true"], ["b"], ["false"]], async (store) => {
  const prefix = await putNames(store, ["a/x", "a/y", "b"]);
  const first = await list(store, prefix, "&max-keys=1&delimiter=/");
  const [token = ""] = elementTexts("NextContinuationToken", first.body);
  const second = await list(store, prefix, `&max-keys=1&delimiter=/&continuation-token=${encodeURIComponent(token)}`);
  const folders = elementTexts("Prefix", first.body).map((folder) => folder.slice(prefix.length));
  return [
    folders.filter((folder) => folder !== ""),
    elementTexts("IsTruncated", first.body),
    keysOf(second, prefix),
    elementTexts("IsTruncated", second.body),
  ];
});

contract("ListObjectsV2", "starts behind start-after", ["a/x", "b"], async (store) => {
  const prefix = await putNames(store, ["A", "a-b/x", "a/x", "b"]);
  return keysOf(await list(store, prefix, `&start-after=${encodeURIComponent(`${prefix}a-b/x`)}`), prefix);
});

contract("ListObjectsV2", "is empty where nothing is", [200, [], ["0"]], async (store) => {
  const answer = await list(store, store.key(""));
  return [answer.status, keysOf(answer, ""), elementTexts("KeyCount", answer.body)];
});

contract("ListObjectsV2", "does not have what was deleted", ["a/x"], async (store) => {
  const prefix = await putNames(store, ["a/x", "a/y"]);
  await store.ask(`${prefix}a/y`, { method: "DELETE" });
  return keysOf(await list(store, prefix), prefix);
});
