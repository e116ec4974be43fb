/** One statement of a policy, and what is wrong with it that its shape alone does not show. */
import type { Complaint } from "./complaint.ts";
import { claimsOf, parseKeyPattern, type KeyPattern } from "./key-pattern.ts";
import type { StatementDocument } from "./policy-document.ts";
import { EVERYONE, type Limits, type Statement } from "./policy.ts";
import { ownerClaims } from "./public-issuers.ts";
import { hasWholeStars, parseTextPattern } from "./text-pattern.ts";
import { toList } from "./to-list.ts";

/** Who can be named, and which of them come with claims. */
export interface KnownPrincipals {
  readonly names: ReadonlySet<string>;
  /** By name, the `iss` of those that are issuers. */
  readonly issuers: ReadonlyMap<string, string>;
  /** Names of those that have claims: issuers and the gateway. */
  readonly withClaims: ReadonlySet<string>;
}

const UNITS: Readonly<Record<string, number>> = { "": 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 };
const MAX_BYTES = 50 * 1024 ** 4;

function parseSize(size: number | string): number {
  const [, digits = "", unit = ""] = /^(\d+)(\D*)$/u.exec(String(size)) ?? [];
  return Number(digits) * (UNITS[unit] ?? Number.NaN);
}

function prefixed(complaints: readonly Complaint[], ...steps: Complaint["path"]): readonly Complaint[] {
  return complaints.map(({ path, message }) => ({ path: [...steps, ...path], message }));
}

/** The path of an entry that may stand alone or in a list. */
function entryPath(value: unknown, index: number): Complaint["path"] {
  return Array.isArray(value) ? [index] : [];
}

function complainAboutPrincipals(
  { principals, claims }: StatementDocument,
  known: KnownPrincipals,
): readonly Complaint[] {
  return toList(principals).flatMap((name, index) => {
    const path = entryPath(principals, index);
    if (name !== EVERYONE && !known.names.has(name)) {
      const names = [...known.names].map((each) => `\`${each}\``).join(", ");
      return [
        { path, message: `\`${name}\` is nobody that this policy knows: there are ${names}, and \`*\` for everyone` },
      ];
    }
    if (claims !== undefined && name !== EVERYONE && !known.withClaims.has(name)) {
      return [{ path, message: `\`${name}\` has no claims, so this statement would never be about it` }];
    }
    return [];
  });
}

/** A statement that anyone's token fits is a mistake, and one that nobody sees until it is too late. */
function complainAboutStrangers(statement: StatementDocument, known: KnownPrincipals): readonly Complaint[] {
  const { effect = "allow", principals, claims = {} } = statement;
  if (effect === "deny") return [];
  return toList(principals).flatMap((name) => {
    const owners = ownerClaims(known.issuers.get(name) ?? "");
    if (owners === undefined || owners.some((owner) => isPinned(claims[owner]))) return [];
    const wanted = owners.map((owner) => `\`${owner}\``).join(" or ");
    return [
      { path: ["claims"], message: `must pin ${wanted} to a value: anyone can get a token of \`${name}\`'s issuer` },
    ];
  });
}

function isPinned(values: NonNullable<StatementDocument["claims"]>[string] | undefined): boolean {
  return values !== undefined && toList(values).every((value) => !String(value).includes("*"));
}

/** valibot leaves members of these names out of a record (`_isValidObjectKey`), so nobody has looked at their values. */
const UNCHECKED_NAMES: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** valibot takes a list for an object; as conditions it would be met by nobody, as limits it would limit nothing. */
function isListed(members: object): boolean {
  return Symbol.iterator in members;
}

function complainAboutClaims({ claims = {} }: StatementDocument): readonly Complaint[] {
  if (isListed(claims)) return [{ path: ["claims"], message: "must be names with values, not a list" }];
  return Object.entries(claims).flatMap(([name, values]) => {
    const path = ["claims", name];
    if (UNCHECKED_NAMES.has(name)) return [{ path, message: "is a name that cannot be asked for" }];
    return toList(values).flatMap((value, index) =>
      String(value).split("/").every(hasWholeStars)
        ? []
        : [
            {
              path: [...path, ...entryPath(values, index)],
              message: "`**` must be a whole segment, as in `refs/heads/**`",
            },
          ],
    );
  });
}

function complainAboutKeys({ keys, principals }: StatementDocument, known: KnownPrincipals): readonly Complaint[] {
  const allHaveClaims = toList(principals).every((name) => known.withClaims.has(name));
  return toList(keys).flatMap((source, index) => {
    const path = entryPath(keys, index);
    const parsed = parseKeyPattern(source);
    if (!parsed.ok) return [{ path, message: `\`${source}\` ${parsed.complaint}` }];
    const [claim] = claimsOf(parsed.pattern);
    if (claim === undefined || allHaveClaims) return [];
    return [{ path, message: `\`${source}\` needs a claim, and not every principal of this statement has claims` }];
  });
}

/** A listing shows all that begins with a prefix, however deep, so only `**` at the end can hold it. */
function complainAboutListing({ effect, actions, keys }: StatementDocument): readonly Complaint[] {
  if (effect === "deny" || !toList(actions).includes("list")) return [];
  if (toList(keys).some((source) => source === "**" || source.endsWith("/**"))) return [];
  return [
    {
      path: ["keys"],
      message: "hold no whole prefix, so nothing could be listed: end one in `/**`, or leave `list` out",
    },
  ];
}

function complainAboutLimits({ effect, actions, limits = {} }: StatementDocument): readonly Complaint[] {
  const { expiresIn: _expiresIn, ...ofWrites } = limits;
  const size = limits.maxBytes === undefined ? 1 : parseSize(limits.maxBytes);
  return [
    ...(isListed(limits) ? [{ path: [], message: "must be names with values, not a list" }] : []),
    ...(effect === "deny" && Object.keys(limits).length > 0
      ? [{ path: [], message: "mean nothing where the effect is `deny`" }]
      : []),
    ...(toList(actions).includes("write")
      ? []
      : Object.keys(ofWrites).map((name) => ({
          path: [name],
          message: "limits what is written, and this statement is not about `write`",
        }))),
    ...(size > MAX_BYTES ? [{ path: ["maxBytes"], message: "must be at most 50 TiB" }] : []),
  ];
}

export function complainAboutStatement(document: StatementDocument, known: KnownPrincipals): readonly Complaint[] {
  return [
    ...prefixed(complainAboutPrincipals(document, known), "principals"),
    ...complainAboutStrangers(document, known),
    ...complainAboutClaims(document),
    ...prefixed(complainAboutKeys(document, known), "keys"),
    ...complainAboutListing(document),
    ...prefixed(complainAboutLimits(document), "limits"),
  ];
}

function compileLimits(limits: NonNullable<StatementDocument["limits"]>): Limits {
  const { maxBytes, overwrite, requireChecksum, contentTypes, expiresIn } = limits;
  return {
    ...(maxBytes === undefined ? {} : { maxBytes: parseSize(maxBytes) }),
    ...(overwrite === undefined ? {} : { overwrite }),
    ...(requireChecksum === undefined ? {} : { requireChecksum }),
    ...(contentTypes === undefined ? {} : { contentTypes: contentTypes.map((type) => type.toLowerCase()) }),
    ...(expiresIn === undefined ? {} : { expiresIn }),
  };
}

function compileKey(source: string): KeyPattern {
  const parsed = parseKeyPattern(source);
  if (!parsed.ok) throw new TypeError(`an unchecked key pattern: ${parsed.complaint}`);
  return parsed.pattern;
}

/** @param document a statement that there is no complaint about. */
export function compileStatement(document: StatementDocument, index: number): Statement {
  return {
    id: document.id ?? `statements[${index}]`,
    effect: document.effect ?? "allow",
    principals: new Set(toList(document.principals)),
    claims: Object.entries(document.claims ?? {}).map(([name, values]) => ({
      name,
      values: toList(values).map((value) => parseTextPattern(String(value))),
    })),
    actions: new Set(toList(document.actions)),
    keys: toList(document.keys).map(compileKey),
    limits: compileLimits(document.limits ?? {}),
  };
}
