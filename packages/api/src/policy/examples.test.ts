/** The policies that the documents show: each is loaded as it is, and decides what its comments say. */
import { readdirSync, readFileSync } from "node:fs";
import { parseRoute } from "@s3r/shared";
import { describe, expect, it } from "vitest";
import { announce } from "../announce.ts";
import { ANONYMOUS, type Principal } from "../auth/principal.ts";
import { authorize } from "./authorize.ts";
import { parsePolicy } from "./parse-policy.ts";
import type { Policy } from "./policy.ts";

const DOCS = new URL("../../../../docs/", import.meta.url);
const NOW = new Date("2026-11-23T06:00:00Z");

function load(name: string): Policy {
  const parsed = parsePolicy(readFileSync(new URL(`policies/${name}`, DOCS), "utf8"), name);
  if (!parsed.ok) throw new Error(parsed.complaints.join("\n"));
  return parsed.policy;
}

function token(name: string): Principal {
  return { name, kind: "token", claims: {} };
}

const MAIN_BRANCH = {
  repository: "octo/app",
  repository_id: "1296269",
  repository_owner_id: "9919",
  ref: "refs/heads/main",
  event_name: "push",
  environment: "production",
};

function github(claims: Readonly<Record<string, unknown>> = {}): Principal {
  return { name: "github", kind: "issuer", claims: { ...MAIN_BRANCH, ...claims } };
}

function gitlab(claims: Readonly<Record<string, unknown>> = {}): Principal {
  return {
    name: "gitlab",
    kind: "issuer",
    claims: { namespace_id: "72", project_id: "20", ref_protected: "false", ...claims },
  };
}

function account(claims: Readonly<Record<string, unknown>>): Principal {
  return { name: "accounts", kind: "issuer", claims };
}

type Row = readonly [
  principal: Principal,
  request: string,
  headers: Readonly<Record<string, string>>,
  /** The code of the refusal, or `allow`. */
  outcome: string,
  statement?: string,
];

const CHECKSUM = { "x-amz-checksum-sha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" };
const RELEASE = { "content-length": "10", "content-type": "application/gzip", "if-none-match": "*", ...CHECKSUM };

const EXAMPLES: Readonly<Record<string, readonly Row[]>> = {
  "public-downloads.yaml": [
    [ANONYMOUS, "GET /public/a.iso", {}, "allow", "download"],
    [ANONYMOUS, "HEAD /public/deep/er/a.iso", {}, "allow", "download"],
    [ANONYMOUS, "GET /private/a.iso", {}, "AccessDenied"],
    [ANONYMOUS, "GET /public/?list-type=2", {}, "AccessDenied"],
    [ANONYMOUS, "PUT /public/a.iso", { "content-length": "1" }, "AccessDenied"],
    [token("publisher"), "PUT /public/a.iso", { "content-length": "2147483648" }, "allow", "publish"],
    [token("publisher"), "PUT /public/a.iso", { "content-length": "2147483649" }, "EntityTooLarge", "publish"],
    [token("publisher"), "PUT /publicity/a.iso", { "content-length": "1" }, "AccessDenied"],
    [token("publisher"), "GET /public/?list-type=2", {}, "allow", "publish"],
  ],
  "github-artifacts.yaml": [
    [github(), "PUT /artifacts/octo/app/a.tgz", { "content-length": "1" }, "allow", "artifacts"],
    [
      github({ ref: "refs/heads/topic" }),
      "PUT /artifacts/octo/app/a.tgz",
      { "content-length": "1" },
      "allow",
      "artifacts",
    ],
    [github(), "PUT /artifacts/octo/other/a.tgz", { "content-length": "1" }, "AccessDenied"],
    [github({ repository_owner_id: "1" }), "PUT /artifacts/octo/app/a.tgz", { "content-length": "1" }, "AccessDenied"],
    [
      github({ event_name: "pull_request" }),
      "PUT /artifacts/octo/app/a.tgz",
      { "content-length": "1" },
      "AccessDenied",
      "no-forks",
    ],
    [github({ event_name: "pull_request" }), "GET /artifacts/octo/app/a.tgz", {}, "allow", "artifacts"],
    [github(), "PUT /releases/1/a.tgz", { "content-length": "1" }, "PreconditionRequired", "releases"],
    [github(), "PUT /releases/1/a.tgz", { "content-length": "1", "if-none-match": "*" }, "allow", "releases"],
    [
      github({ ref: "refs/tags/v1.2" }),
      "PUT /releases/1/a.tgz",
      { "content-length": "1", "if-none-match": "*" },
      "allow",
      "releases",
    ],
    [github({ ref: "refs/tags/x" }), "PUT /releases/1/a.tgz", { "if-none-match": "*" }, "AccessDenied"],
    [github({ environment: undefined }), "PUT /releases/1/a.tgz", { "if-none-match": "*" }, "AccessDenied"],
    [github({ repository_id: "7" }), "PUT /releases/1/a.tgz", { "if-none-match": "*" }, "AccessDenied"],
    [ANONYMOUS, "GET /artifacts/octo/app/a.tgz", {}, "AccessDenied"],
  ],
  "gitlab-artifacts.yaml": [
    [gitlab(), "PUT /artifacts/20/a.tgz", { "content-length": "1" }, "allow", "artifacts"],
    [gitlab(), "PUT /artifacts/21/a.tgz", { "content-length": "1" }, "AccessDenied"],
    [gitlab({ namespace_id: "73" }), "PUT /artifacts/20/a.tgz", { "content-length": "1" }, "AccessDenied"],
    [gitlab(), "PUT /protected/20/a.tgz", { "content-length": "1", ...CHECKSUM }, "AccessDenied"],
    [gitlab({ ref_protected: "true" }), "PUT /protected/20/a.tgz", CHECKSUM, "allow", "protected"],
    [gitlab({ ref_protected: "true" }), "PUT /protected/20/a.tgz", {}, "PreconditionRequired", "protected"],
  ],
  "immutable-releases.yaml": [
    [token("releaser"), "PUT /releases/1.0/app.tgz", RELEASE, "allow", "release"],
    [token("releaser"), "PUT /releases/1.0/app.zip", RELEASE, "AccessDenied"],
    [token("releaser"), "PUT /releases/1.0/x/app.tgz", RELEASE, "AccessDenied"],
    [
      token("releaser"),
      "PUT /releases/1.0/app.tgz",
      { ...RELEASE, "content-type": "text/html" },
      "UnsupportedMediaType",
      "release",
    ],
    [token("releaser"), "DELETE /releases/1.0/app.tgz", {}, "AccessDenied", "never-deleted"],
    [ANONYMOUS, "GET /releases/1.0/app.tgz", {}, "allow", "download"],
    [ANONYMOUS, "DELETE /releases/1.0/app.tgz", {}, "AccessDenied", "never-deleted"],
  ],
  "tenants.yaml": [
    [account({ tenant: "acme" }), "PUT /tenants/acme/a", { "content-length": "1" }, "allow", "own"],
    [account({ tenant: "acme" }), "PUT /tenants/acme-2/a", { "content-length": "1" }, "AccessDenied"],
    [account({ tenant: "acme" }), "GET /tenants/?list-type=2", {}, "AccessDenied"],
    [account({ tenant: "acme" }), "GET /tenants/acme/?list-type=2", {}, "allow", "own"],
    [account({ tenant: "*" }), "GET /tenants/acme/a", {}, "AccessDenied"],
    [account({ tenant: "acme/../other" }), "GET /tenants/other/a", {}, "AccessDenied"],
    [account({}), "GET /tenants/acme/a", {}, "AccessDenied"],
    [account({ tenant: "acme" }), "GET /shared/a", {}, "allow", "shared"],
    [account({ tenant: "acme" }), "PUT /shared/a", { "content-length": "1" }, "AccessDenied"],
    [
      account({ tenant: "acme", suspended: true }),
      "PUT /tenants/acme/a",
      { "content-length": "1" },
      "AccessDenied",
      "suspended",
    ],
    [account({ tenant: "acme", suspended: true }), "GET /tenants/acme/a", {}, "allow", "own"],
    [token("operator"), "DELETE /anything/at/all", {}, "allow", "operator"],
  ],
};

function decide(
  policy: Policy,
  [principal, request, headers]: Row,
): { outcome: string; statement?: string | undefined } {
  const [method = "", target = ""] = request.split(" ");
  const operation = parseRoute(method, target);
  const decision = authorize(policy, {
    principal,
    operation,
    announced: announce(operation, new Headers(headers)),
    now: NOW,
  });
  return { outcome: decision.effect === "allow" ? "allow" : decision.code, statement: decision.statement };
}

describe.each(Object.entries(EXAMPLES))("%s", (name, rows) => {
  it.each(rows.map((row) => ({ row, who: row[0].name, request: row[1], outcome: row[3], statement: row[4] })))(
    "answers $request of $who with $outcome, by $statement",
    ({ row, outcome, statement }) => {
      expect(decide(load(name), row)).toEqual({ outcome, statement });
    },
  );
});

describe("docs/policies", () => {
  it("has no example that is not asserted on here", () => {
    expect(readdirSync(new URL("policies/", DOCS)).sort()).toEqual(Object.keys(EXAMPLES).sort());
  });

  it("is shown in docs/policy.md as it is", () => {
    const page = readFileSync(new URL("policy.md", DOCS), "utf8");
    for (const name of Object.keys(EXAMPLES)) {
      const [, ...lines] = readFileSync(new URL(`policies/${name}`, DOCS), "utf8").split("\n");
      expect(page).toContain(`\`\`\`yaml\n${lines.join("\n")}\`\`\``);
    }
  });
});
