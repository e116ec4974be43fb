/**
 * As much of Fetch's `Headers`, `Request` and `Response` as the API uses. The function's bundle gets them in the place
 * of Node's, the first use of which loads an HTTP client: that takes longer than all else at a cold start.
 */

/**
 * RFC 9110 5.6.2.
 * @throws TypeError
 */
function normaliseName(name: string): string {
  if (!/^[\w!#$%&'*+.^`|~-]+$/u.test(name)) throw new TypeError("a header's name is not valid");
  return name.toLowerCase();
}

/**
 * Fetch, "normalize" and "header value": bytes without NUL and line ends, and no white space around them.
 * @throws TypeError
 */
function normaliseValue(value: string): string {
  const trimmed = value.replaceAll(/^[\t\n\r ]+|[\t\n\r ]+$/gu, "");
  if (/[\0\n\r]/u.test(trimmed) || Buffer.from(trimmed, "latin1").toString("latin1") !== trimmed) {
    throw new TypeError("a header's value is not valid");
  }
  return trimmed;
}

type HeadersInit = Headers | Readonly<Record<string, string>>;

export class Headers {
  readonly #values = new Map<string, string>();

  constructor(init: HeadersInit = {}) {
    for (const [name, value] of init instanceof Headers ? init : Object.entries(init)) this.append(name, value);
  }

  append(name: string, value: string): void {
    const added = normaliseValue(value);
    const before = this.get(name);
    this.#values.set(normaliseName(name), before === null ? added : `${before}, ${added}`);
  }

  get(name: string): string | null {
    return this.#values.get(normaliseName(name)) ?? null;
  }

  has(name: string): boolean {
    return this.#values.has(normaliseName(name));
  }

  set(name: string, value: string): void {
    this.#values.set(normaliseName(name), normaliseValue(value));
  }

  /** Sorted by name, as Fetch has it. */
  *[Symbol.iterator](): Generator<[name: string, value: string]> {
    yield* [...this.#values].sort(([one], [other]) => (one < other ? -1 : 1));
  }
}

interface RequestInit {
  readonly method: string;
  readonly headers: Headers;
  readonly body?: Uint8Array;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

export class Request {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: AsyncIterable<Uint8Array> | null;

  constructor(url: string, { method, headers, body }: RequestInit) {
    this.url = url;
    this.method = method;
    this.headers = headers;
    this.body = body === undefined ? null : once(body);
  }
}

interface ResponseInit {
  readonly status?: number;
  readonly headers?: HeadersInit;
}

export class Response {
  readonly status: number;
  readonly headers: Headers;
  readonly #body: string;

  constructor(body: string | null, { status = 200, headers = {} }: ResponseInit = {}) {
    this.status = status;
    this.headers = new Headers(headers);
    this.#body = body ?? "";
  }

  async text(): Promise<string> {
    return this.#body;
  }
}
