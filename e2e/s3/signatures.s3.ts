/** What was allowed is exactly what is signed: the server must refuse everything else that is tried with the same URL. */
import { setTimeout as delay } from "node:timers/promises";
import { brief } from "./brief.ts";
import { contract } from "./contract.ts";
import { ask } from "./ask.ts";
import type { Store } from "./store.ts";

const ANNOUNCED = ["S3r-Content-Length: 10", "Content-Type: text/plain", "x-amz-meta-a: 1"];
const TEN = "0123456789";
const SENT = ["Content-Type: text/plain", "x-amz-meta-a: 1"];

interface Attempt {
  readonly body?: string;
  readonly headers?: readonly string[];
}

/** What a PUT, that the API has signed for ten bytes of text with metadata, is answered when it is sent like this, and what is there afterwards. */
async function putSigned(store: Store, { body = TEN, headers = SENT }: Attempt): Promise<readonly number[]> {
  const key = store.key("signed");
  const url = await store.presign(key, { method: "PUT", headers: ANNOUNCED });
  const { status } = await store.askUrl({ method: "PUT", url, body, headers });
  return [status, (await store.ask(key, { method: "HEAD" })).status];
}

const REFUSED = [403, 404];

contract("Presigned URL", "of a PUT takes exactly what was announced", [200, 200], async (store) =>
  putSigned(store, {}),
);

contract("Presigned URL", "of a PUT refuses a body that is one byte longer", REFUSED, async (store) =>
  putSigned(store, { body: `${TEN}0` }),
);

contract("Presigned URL", "of a PUT refuses a body that is one byte shorter", REFUSED, async (store) =>
  putSigned(store, { body: TEN.slice(1) }),
);

contract("Presigned URL", "of a PUT refuses another Content-Type", REFUSED, async (store) =>
  putSigned(store, { headers: ["Content-Type: text/html", "x-amz-meta-a: 1"] }),
);

contract("Presigned URL", "of a PUT refuses no Content-Type", REFUSED, async (store) =>
  putSigned(store, { headers: ["x-amz-meta-a: 1"] }),
);

contract("Presigned URL", "of a PUT refuses other metadata", REFUSED, async (store) =>
  putSigned(store, { headers: ["Content-Type: text/plain", "x-amz-meta-a: 2"] }),
);

contract("Presigned URL", "of a PUT refuses metadata that were not signed", REFUSED, async (store) =>
  putSigned(store, { headers: [...SENT, "x-amz-meta-b: 1"] }),
);

contract("Presigned URL", "of a PUT refuses an ACL that was not signed", REFUSED, async (store) =>
  putSigned(store, { headers: [...SENT, "x-amz-acl: public-read"] }),
);

contract("Presigned URL", "of a PUT refuses a copy source that was not signed", REFUSED, async (store) =>
  putSigned(store, { headers: [...SENT, "x-amz-copy-source: /another-bucket/secret"] }),
);

contract("Presigned URL", "of a PUT refuses an Authorization header beside it", [400, 404], async (store) =>
  putSigned(store, { headers: [...SENT, "Authorization: Bearer of-another"] }),
);

contract("Presigned URL", "of a PUT refuses to leave out its If-None-Match", [403, "first"], async (store) => {
  const key = store.key("once");
  await store.ask(key, { method: "PUT", body: "first" });
  const url = await store.presign(key, { method: "PUT", headers: ["If-None-Match: *", "S3r-Content-Length: 6"] });
  const { status } = await store.askUrl({ method: "PUT", url, body: "second" });
  return [status, (await store.ask(key, { method: "GET" })).body.toString()];
});

/** What a GET that the API has signed is answered when its URL is changed. */
async function getChanged(store: Store, change: (url: string) => string): Promise<number> {
  const key = store.key("changed");
  await store.ask(key, { method: "PUT", body: "x" });
  await store.ask(`${key}-other`, { method: "PUT", body: "other" });
  const url = await store.presign(key, { method: "GET" });
  return (await store.askUrl({ method: "GET", url: change(url) })).status;
}

contract("Presigned URL", "of a GET is good as it is", 200, async (store) => getChanged(store, (url) => url));

contract("Presigned URL", "refuses another key", 403, async (store) =>
  getChanged(store, (url) => url.replace("/changed?", "/changed-other?")),
);

contract("Presigned URL", "refuses an added query parameter", 403, async (store) =>
  getChanged(store, (url) => `${url}&response-content-type=text/html`),
);

contract("Presigned URL", "refuses another expiry", 403, async (store) =>
  getChanged(store, (url) => url.replace(/X-Amz-Expires=\d+/u, "X-Amz-Expires=3600")),
);

contract("Presigned URL", "refuses another signature", 403, async (store) =>
  getChanged(store, (url) => url.replace(/X-Amz-Signature=\w+/u, `X-Amz-Signature=${"0".repeat(64)}`)),
);

contract("Presigned URL", "refuses another method", [403, 403, 200], async (store) => {
  const key = store.key("method");
  await store.ask(key, { method: "PUT", body: "x" });
  const url = await store.presign(key, { method: "GET" });
  const deleted = await store.askUrl({ method: "DELETE", url });
  const put = await store.askUrl({ method: "PUT", url, body: "y" });
  return [deleted.status, put.status, (await store.ask(key, { method: "HEAD" })).status];
});

contract("Presigned URL", "is dead when it has expired", [200, 403], async (store) => {
  const key = store.key("expired");
  await store.ask(key, { method: "PUT", body: "x" });
  await using served = await store.serve({ S3R_EXPIRES_IN: "1" });
  const { statuses } = await ask({ method: "GET", url: `${served.api}/${key}` }, store.directory);
  const url = await store.presignAt(served.api, key);
  await delay(2500);
  return [statuses.at(-1), (await store.askUrl({ method: "GET", url })).status];
});

contract(
  "Presigned URL",
  "refuses a signature by another secret, and an unknown key",
  ["403 SignatureDoesNotMatch", "403 InvalidAccessKeyId"],
  async (store) => {
    const key = store.key("secret");
    await store.ask(key, { method: "PUT", body: "x" });
    const answers: string[] = [];
    for (const env of [{ AWS_SECRET_ACCESS_KEY: "another" }, { AWS_ACCESS_KEY_ID: "AKIAANOTHER" }]) {
      await using served = await store.serve(env);
      answers.push(brief(await ask({ method: "GET", url: `${served.api}/${key}` }, store.directory)));
    }
    return answers;
  },
);
