/** Conditional writes and deletes. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html, …/conditional-deletes.html */
import { contract, refusal } from "./contract.ts";
import { brief } from "./brief.ts";
import type { Answer } from "./ask.ts";
import type { Store } from "./store.ts";

const IF_NEW = ["If-None-Match: *"];

async function put(store: Store, key: string, body: string, ...headers: readonly string[]): Promise<Answer> {
  return await store.ask(key, { method: "PUT", body, headers });
}

async function textOf(store: Store, key: string): Promise<string> {
  const { status, body } = await store.ask(key, { method: "GET" });
  return status === 200 ? body.toString() : String(status);
}

contract(
  "PutObject",
  "with If-None-Match: * puts once, then is 412, and leaves what is there",
  [200, "412 PreconditionFailed", "first"],
  async (store) => {
    const key = store.key("once");
    const first = await put(store, key, "first", ...IF_NEW);
    const second = await put(store, key, "second", ...IF_NEW);
    return [first.status, brief(second), await textOf(store, key)];
  },
);

contract("PutObject", "with If-None-Match: * is won by one of eight at once", [1, 7], async (store) => {
  const key = store.key("race");
  const answers = await Promise.all(
    Array.from({ length: 8 }, async (_, index) => put(store, key, String(index), ...IF_NEW)),
  );
  const won = answers.filter(({ status }) => status === 200);
  const lost = answers.filter(({ status }) => status === 412 || status === 409);
  return [won.length, lost.length];
});

contract(
  "PutObject",
  "with If-Match replaces what has that ETag, and nothing else",
  [412, 200, "second"],
  async (store) => {
    const key = store.key("match");
    const { headers } = await put(store, key, "first");
    const other = await put(store, key, "third", 'If-Match: "0123456789abcdef0123456789abcdef"');
    const same = await put(store, key, "second", `If-Match: ${headers["etag"]}`);
    return [other.status, same.status, await textOf(store, key)];
  },
);

contract("PutObject", "with If-Match is 404 for what is not there", [404, "404"], async (store) => {
  const key = store.key("match");
  const { status } = await put(store, key, "x", 'If-Match: "0123456789abcdef0123456789abcdef"');
  return [status, await textOf(store, key)];
});

contract(
  "DeleteObject",
  "with If-Match deletes what has that ETag, and nothing else",
  [412, 204, "404"],
  async (store) => {
    const key = store.key("match");
    const { headers } = await put(store, key, "x");
    const other = await store.ask(key, { method: "DELETE", headers: ['If-Match: "0123456789abcdef0123456789abcdef"'] });
    const same = await store.ask(key, { method: "DELETE", headers: [`If-Match: ${headers["etag"]}`] });
    return [other.status, same.status, await textOf(store, key)];
  },
);

refusal("PutObject", "takes no If-None-Match but `*`", "400 InvalidHeader", async (store) =>
  brief(await put(store, store.key("none-match"), "x", 'If-None-Match: "etag"')),
);

refusal("DeleteObject", "takes no If-None-Match", "400 InvalidHeader", async (store) =>
  brief(await store.ask(store.key("none-match"), { method: "DELETE", headers: IF_NEW })),
);
