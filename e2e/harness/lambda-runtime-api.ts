/**
 * Lambda's Runtime API on loopback: `next`, `response`, `error` and `init/error` of version 2018-06-01.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

export interface LambdaResult {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
}

export interface Failure {
  readonly errorType: string;
  readonly errorMessage: string;
}

/** What a function has answered, or how it has failed. */
export type Outcome = { readonly result: LambdaResult } | { readonly failure: Failure };

export interface RuntimeApi extends AsyncDisposable {
  /** `host:port`, as in AWS_LAMBDA_RUNTIME_API. */
  readonly address: string;
  readonly invoke: (event: unknown) => Promise<Outcome>;
  /** Of a function that does not start. */
  readonly initError: Promise<Failure>;
}

interface Invocation {
  readonly id: string;
  readonly event: unknown;
  readonly settle: (outcome: Outcome) => void;
}

interface Invocations {
  readonly add: (event: unknown) => Promise<Outcome>;
  /** Answers as soon as there is an event. */
  readonly next: (response: ServerResponse) => void;
  readonly settle: (id: string, outcome: Outcome) => void;
}

function createInvocations(): Invocations {
  const queue: Invocation[] = [];
  const running = new Map<string, Invocation>();
  let waiting: ServerResponse | undefined;

  function handOver(): void {
    if (waiting === undefined) return;
    const invocation = queue.shift();
    if (invocation === undefined) return;
    running.set(invocation.id, invocation);
    waiting.setHeader("Lambda-Runtime-Aws-Request-Id", invocation.id);
    waiting.setHeader("Lambda-Runtime-Deadline-Ms", Date.now() + 10_000);
    waiting.end(JSON.stringify(invocation.event));
    waiting = undefined;
  }

  return {
    async add(event) {
      return await new Promise((settle) => {
        queue.push({ id: randomUUID(), event, settle });
        handOver();
      });
    },
    next(response) {
      waiting = response;
      handOver();
    },
    settle(id, outcome) {
      running.get(id)?.settle(outcome);
      running.delete(id);
    },
  };
}

export async function startRuntimeApi(): Promise<RuntimeApi> {
  const invocations = createInvocations();
  const initError = Promise.withResolvers<Failure>();

  async function receive(request: IncomingMessage, path: string): Promise<void> {
    const body = await text(request);
    const [, id = "", kind] = /^\/invocation\/([^/]+)\/(response|error)$/u.exec(path) ?? [];
    if (kind === "response") {
      const result: LambdaResult = JSON.parse(body);
      return invocations.settle(id, { result });
    }
    const failure: Failure = JSON.parse(body);
    return kind === "error" ? invocations.settle(id, { failure }) : initError.resolve(failure);
  }

  const server = createServer((request, response) => {
    const path = request.url?.replace("/2018-06-01/runtime", "") ?? "";
    if (path === "/invocation/next") invocations.next(response);
    else void receive(request, path).then(() => response.writeHead(202).end());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    address: typeof address === "string" || address === null ? "" : `127.0.0.1:${address.port}`,
    initError: initError.promise,
    invoke: invocations.add,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
