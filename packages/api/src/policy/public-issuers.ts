/**
 * Issuers that anyone can get a token from, and the claims that say whose it is. An allow that pins none
 * of them is open to every account of the service ("sub-jugation" of CI trust, github/docs#45221).
 */
interface PublicIssuer {
  readonly issuer: RegExp;
  /** At least one must be pinned to a value. Ids, not names: a name can be given up and taken by another. */
  readonly owners: readonly string[];
}

const PUBLIC_ISSUERS: readonly PublicIssuer[] = [
  {
    // https://docs.github.com/en/actions/reference/security/oidc
    issuer: /^https:\/\/token\.actions\.githubusercontent\.com$/u,
    owners: ["repository_id", "repository_owner_id", "enterprise_id"],
  },
  {
    // https://docs.gitlab.com/ci/secrets/id_token_authentication/
    issuer: /^https:\/\/gitlab\.com$/u,
    owners: ["project_id", "namespace_id", "job_project_id", "job_namespace_id"],
  },
  {
    // https://buildkite.com/docs/agent/cli/reference/oidc: slugs cannot be taken over while the organization exists.
    issuer: /^https:\/\/agent\.buildkite\.com$/u,
    owners: ["organization_id", "organization_slug", "pipeline_id"],
  },
];

/** The claims of which one must be pinned, or nothing for an issuer of one's own. */
export function ownerClaims(issuer: string): readonly string[] | undefined {
  return PUBLIC_ISSUERS.find((each) => each.issuer.test(issuer))?.owners;
}
