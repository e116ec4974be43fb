/** For tests: a CloudFormation template as data, and what of it there is with given parameters. */
import { parse, YAMLMap, type CollectionTag, type ScalarTag } from "yaml";

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html */
const FUNCTIONS = ["Sub", "GetAtt", "If", "Equals", "Not", "And", "Select", "Split"];
const NAMES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(FUNCTIONS.map((name) => [`!${name}`, `Fn::${name}`])),
  "!Ref": "Ref",
  "!Condition": "Condition",
};

const TAGS: readonly (ScalarTag | CollectionTag)[] = Object.entries(NAMES).flatMap(([tag, name]) => [
  { tag, resolve: (value: string) => ({ [name]: value }) },
  {
    tag,
    collection: "seq" as const,
    resolve: (arguments_: unknown) => {
      const wrapped = new YAMLMap();
      wrapped.set(name, arguments_);
      return wrapped;
    },
  },
]);

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export interface Template {
  readonly Parameters: Readonly<
    Record<string, { readonly Default?: string | number; readonly AllowedPattern?: string }>
  >;
  readonly Conditions: Readonly<Record<string, Json>>;
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Condition?: string; readonly Properties: Json }>
  >;
  readonly Outputs: Readonly<Record<string, { readonly Condition?: string; readonly Value: Json }>>;
}

export function parseTemplate(source: string): Template {
  const template: Template = parse(source, { customTags: [...TAGS] });
  return template;
}

export type Parameters = Readonly<Record<string, string | number>>;

/** Stands for what `AWS::NoValue` takes away. */
const NOTHING = Symbol("AWS::NoValue");
type Evaluated = Json | typeof NOTHING;

interface Scope {
  readonly template: Template;
  readonly parameters: Parameters;
  /** `Bucket.Arn` → its value; anything else is its own name in angle brackets. */
  readonly attributes: Readonly<Record<string, string>>;
}

function text(value: Json | undefined): string {
  if (typeof value !== "string") throw new TypeError(`a text is expected, not ${JSON.stringify(value)}`);
  return value;
}

function reference(name: string, { parameters, attributes }: Scope): string | number | typeof NOTHING {
  if (name === "AWS::NoValue") return NOTHING;
  return parameters[name] ?? attributes[name] ?? `<${name}>`;
}

function substitute(pattern: string, scope: Scope): string {
  return pattern.replaceAll(/\$\{([^}]+)\}/gu, (_match, name: string) => String(reference(name, scope)));
}

function holds(condition: Json, scope: Scope): boolean {
  const value = evaluate(typeof condition === "string" ? { Condition: condition } : condition, scope);
  return value === true;
}

const EVALUATE: Readonly<Record<string, (argument: Json, scope: Scope) => Evaluated>> = {
  Ref: (name, scope) => reference(text(name), scope),
  Condition: (name, scope) => holds(scope.template.Conditions[text(name)] ?? false, scope),
  "Fn::GetAtt": (name, scope) => reference(text(name), scope),
  "Fn::Sub": (pattern, scope) => substitute(text(list(pattern)[0]), scope),
  "Fn::Equals": (pair, scope) => {
    const [one, other] = list(pair).map((each) => evaluate(each, scope));
    return one === other;
  },
  "Fn::Not": (condition, scope) => !holds(list(condition)[0] ?? false, scope),
  "Fn::And": (conditions, scope) => list(conditions).every((each) => holds(each, scope)),
  "Fn::If": (branches, scope) => {
    const [condition = false, then = null, otherwise = null] = list(branches);
    return evaluate(holds(condition, scope) ? then : otherwise, scope);
  },
};

function list(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [value];
}

function evaluate(value: Json, scope: Scope): Evaluated {
  if (Array.isArray(value)) return value.map((each) => evaluate(each, scope)).filter((each) => each !== NOTHING);
  if (typeof value !== "object" || value === null) return value;
  const [first, ...more] = Object.entries(value);
  const intrinsic = first === undefined || more.length > 0 ? undefined : EVALUATE[first[0]];
  if (first !== undefined && intrinsic !== undefined) return intrinsic(first[1], scope);
  const members = Object.entries(value).map(([name, each]) => [name, evaluate(each, scope)] as const);
  return Object.fromEntries(members.filter((member): member is [string, Json] => member[1] !== NOTHING));
}

/** The properties of every resource that there is, with defaults for the parameters that are not given. */
export function evaluateResources(
  template: Template,
  given: Parameters,
  attributes: Scope["attributes"],
): Readonly<Record<string, Json>> {
  const defaults = Object.entries(template.Parameters).map(([name, { Default = "" }]) => [name, Default] as const);
  const scope: Scope = { template, parameters: { ...Object.fromEntries(defaults), ...given }, attributes };
  const present = Object.entries(template.Resources).filter(
    ([, { Condition }]) => Condition === undefined || holds(Condition, scope),
  );
  return Object.fromEntries(
    present.flatMap(([name, { Properties }]) => {
      const properties = evaluate(Properties, scope);
      return properties === NOTHING ? [] : [[name, properties] as const];
    }),
  );
}
