/** `policy.schema.json`, for editors, is made of the schema that policies are checked by; `vitest -u` writes it. */
import { toJsonSchema } from "@valibot/to-json-schema";
import { expect, it } from "vitest";
import { policySchema } from "./policy-document.ts";

/** Whatever JSON Schema cannot say is left to the API, which checks all of it. */
function describePolicy(): unknown {
  const { $schema, ...schema } = toJsonSchema(policySchema, { errorMode: "ignore", target: "draft-07" });
  return { $schema, title: "s3r policy: who may do what", ...schema };
}

/** As the formatter has it, which checks the file too: a list of strings stands on one line. */
function formatJson(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  const compact = text.replaceAll(/\[\s+("[^[\]]*")\s+\]/gu, (_, strings: string) => {
    return `[${strings.replaceAll(/\n\s+/gu, " ")}]`;
  });
  return `${compact}\n`;
}

it("is what policy.schema.json says", async () => {
  await expect(formatJson(describePolicy())).toMatchFileSnapshot("../../policy.schema.json");
});
