/** Whether and how it is counted what the API does. */
import type { Complain, Environment } from "./signing-config.ts";
import { wholeNumber } from "./whole-number.ts";

export interface MetricsConfig {
  /** Whether a line in CloudWatch's embedded metric format follows every line of the access log. */
  readonly isEmbedded: boolean;
  /** Where Prometheus scrapes; absent where it does not. */
  readonly scrape?: { readonly host: string; readonly port: number };
}

export function parseEmbeddedMetrics(env: Environment, complain: Complain): boolean {
  const { S3R_METRICS: format } = env;
  if (format !== undefined && format !== "emf") complain("S3R_METRICS", "must be `emf` or absent");
  return format === "emf";
}

export function parseMetricsConfig(env: Environment, complain: Complain): MetricsConfig {
  const { S3R_METRICS_PORT: digits, S3R_METRICS_HOST: host = "127.0.0.1" } = env;
  const isEmbedded = parseEmbeddedMetrics(env, complain);
  if (digits === undefined) return { isEmbedded };
  const port = wholeNumber(digits, 0, 65_535);
  if (port === undefined) complain("S3R_METRICS_PORT", "must be a port from 0 (any free one) to 65535, or absent");
  return { isEmbedded, scrape: { host, port: port ?? 0 } };
}
