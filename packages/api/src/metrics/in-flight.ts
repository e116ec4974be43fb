/** How many requests a server is at. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { MetricFamily } from "./metric-family.ts";

export function countInFlight(server: Server): () => MetricFamily {
  let inFlight = 0;

  function onRequest(_incoming: IncomingMessage, answer: ServerResponse): void {
    inFlight += 1;
    answer.once("close", () => {
      inFlight -= 1;
    });
  }
  for (const event of ["request", "checkContinue"]) server.prependListener(event, onRequest);
  return () => ({
    name: "s3r_requests_in_flight",
    help: "Requests that are being answered.",
    type: "gauge",
    samples: [{ labels: {}, value: inFlight }],
  });
}
