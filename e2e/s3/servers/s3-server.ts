/** What a real S3 server is to `test-s3.ts`: how it is had, how it runs, and where it is known to differ from S3. */

export interface S3Target {
  /** An origin, such as `http://127.0.0.1:9000`. */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** It answers when it is handed over, and ends with what it started when it is disposed of. */
export interface RunningServer extends S3Target, AsyncDisposable {}

export interface InstalledServer {
  readonly version: string;
  /** Runs it on loopback, on free ports. All that it writes is in the directory, which exists and is empty. */
  readonly start: (directory: string) => Promise<RunningServer>;
}

/** A behaviour that the server lacks. The contract demands it: a server that was mended fails until its gap is struck out. */
export interface Gap {
  /** The title of the check, as `contract` is given it. */
  readonly behaviour: string;
  /** What is observed instead of what S3 documents. */
  readonly observed: unknown;
  /** Why that is the server's and not ours: its documents, an issue, or what it says. */
  readonly evidence: string;
}

export interface S3Server {
  readonly title: string;
  readonly homepage: string;
  readonly gaps: readonly Gap[];
  /** Gets it, once, into the directory. @throws Error that says what is missing on this machine. */
  install(cache: string): Promise<InstalledServer>;
}
