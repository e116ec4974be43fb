/** What is below a prefix, page by page. Keys come as clients know them, without the deployment's key prefix. */
import type { Operation } from "@s3r/shared";
import { CliError } from "../cli-error.ts";
import { parseListing, type ListedObject, type ListingPage } from "../s3/parse-listing.ts";
import { simpleRequest } from "./simple-request.ts";
import type { TransferWorld } from "./transfer-world.ts";

export interface ListedPage {
  readonly objects: readonly ListedObject[];
  readonly commonPrefixes: readonly string[];
}

function unsafe(message: string, reason: string): CliError {
  return new CliError("UnsafeServer", message, { reason, hint: "tell the API's operator" });
}

/** The deployment's key prefix stands before what was asked for: clients know nothing of it. */
function strippedOf(page: ListingPage, prefix: string): ListedPage {
  const length = page.prefix.endsWith(prefix) ? page.prefix.length - prefix.length : 0;
  return {
    objects: page.objects.map((object) => ({ ...object, key: object.key.slice(length) })),
    commonPrefixes: page.commonPrefixes.map((each) => each.slice(length)),
  };
}

/** @param delimiter `/` for one level. */
export async function* listPages(
  prefix: string,
  delimiter: string | undefined,
  world: TransferWorld,
): AsyncGenerator<ListedPage> {
  for (let token: string | undefined = ""; token !== undefined;) {
    const operation: Operation = {
      name: "ListObjectsV2",
      key: prefix,
      query: {
        "list-type": "2",
        ...(delimiter === undefined ? {} : { delimiter }),
        ...(token === "" ? {} : { "continuation-token": token }),
      },
    };
    const page = parseListing((await simpleRequest(operation, {}, world)).text);
    yield strippedOf(page, prefix);
    if (page.nextToken === token) throw unsafe("the store's listing has no end", "its next page is the same one again");
    token = page.nextToken;
  }
}

/**
 * All objects below a prefix.
 * @throws CliError UnsafeServer for a key that does not begin with it: whoever deletes or writes by this list must not be led elsewhere.
 */
export async function* listObjects(prefix: string, world: TransferWorld): AsyncGenerator<ListedObject> {
  for await (const { objects } of listPages(prefix, undefined, world)) {
    for (const object of objects) {
      if (!object.key.startsWith(prefix))
        throw unsafe("the store lists what was not asked for", `${JSON.stringify(object.key)} is not below ${prefix}`);
      yield object;
    }
  }
}
