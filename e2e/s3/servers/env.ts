/** Whatever `S3R_TEST_S3_…` names: somebody else has started it, and it is left running. */
import { readTarget } from "../read-target.ts";
import type { InstalledServer, S3Server } from "./s3-server.ts";

export const ENV: S3Server = {
  title: "the server of S3R_TEST_S3_ENDPOINT",
  homepage: "",
  gaps: [],
  install: async (): Promise<InstalledServer> => ({
    version: "",
    start: async () => ({ ...readTarget(process.env), [Symbol.asyncDispose]: async () => {} }),
  }),
};
