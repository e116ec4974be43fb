/** A port of the parser of Prometheus' Python client; it brings no types. */
declare module "parse-prometheus-text-format" {
  interface ParsedMetric {
    readonly value?: string;
    readonly labels?: Readonly<Record<string, string>>;
    /** Of a histogram. */
    readonly buckets?: Readonly<Record<string, string>>;
    readonly count?: string;
    readonly sum?: string;
  }

  interface ParsedFamily {
    readonly name: string;
    readonly help: string;
    readonly type: string;
    readonly metrics: readonly ParsedMetric[];
  }

  function parse(text: string): readonly ParsedFamily[];
  export = parse;
}
