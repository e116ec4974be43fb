import type { IncomingMessage } from "node:http";

/**
 * A request's body as a web stream that takes nothing from the socket until it is read.
 * @param beforeFirstRead called once, before the first byte is waited for.
 */
export function lazyBody(incoming: IncomingMessage, beforeFirstRead: () => void): ReadableStream<Uint8Array> {
  let iterator: AsyncIterator<Buffer> | undefined;

  function begin(): AsyncIterator<Buffer> {
    beforeFirstRead();
    // A reader that stops early must not destroy the socket: the answer is still to come.
    return incoming.iterator({ destroyOnReturn: false });
  }

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        iterator ??= begin();
        const { done, value } = await iterator.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await iterator?.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
