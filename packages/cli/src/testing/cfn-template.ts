// A CloudFormation template as a tree, for tests: its short forms written out, and what it names where.

import { parse, type ScalarTag } from "yaml";

export type Tree = null | string | number | boolean | readonly Tree[] | { readonly [key: string]: Tree };
export type Node = { readonly [key: string]: Tree };

type Part = Readonly<Record<string, Node>>;

export interface Template {
  readonly Parameters: Part;
  readonly Conditions: Part;
  readonly Resources: Part;
  readonly Outputs: Part;
  /** Every mapping in it. */
  readonly nodes: readonly Node[];
  /** What is named by Ref, GetAtt and Sub, each time. */
  readonly named: readonly string[];
  /** The conditions that are asked, each time. */
  readonly asked: readonly string[];
}

/** `!Ref x` as `{ Ref: x }`, and so on: the long forms that CloudFormation has for them. */
const functions = ["Ref", "Sub", "GetAtt", "If", "Equals", "Not", "Or", "Condition"];
const nameOf = (tag: string) => (tag === "Ref" || tag === "Condition" ? tag : `Fn::${tag}`);
const customTags = functions.flatMap((tag) => {
  const resolve = (value: unknown) => ({ [nameOf(tag)]: toJs(value) });
  const common = { tag: `!${tag}`, resolve };
  return [common, { ...common, collection: "seq" }] as unknown as ScalarTag[];
});
const toJs = (value: unknown): unknown =>
  typeof value === "object" && value !== null && "toJSON" in value
    ? (value.toJSON as () => unknown)()
    : value;

export function* walk(tree: Tree): Generator<Node> {
  if (typeof tree !== "object" || tree === null) return;
  if (!Array.isArray(tree)) yield tree as Node;
  for (const value of Object.values(tree)) yield* walk(value);
}

export const listOf = (value: Tree | undefined): readonly string[] =>
  Array.isArray(value) ? (value as string[]) : [value as string];

/** Throws for what is no YAML, or has a key twice. */
export function readTemplate(text: string): Template {
  const parsed = parse(text, { customTags }) as Record<keyof Template & string, Part>;
  const nodes = [...walk(parsed as Tree)];
  const named = nodes.flatMap((node) => [
    ...(node.Ref === undefined ? [] : [node.Ref as string]),
    ...(node["Fn::GetAtt"] === undefined ? [] : [node["Fn::GetAtt"] as string]),
    ...substituted(node),
  ]);
  const asked = nodes.flatMap((node) => [
    ...(typeof node.Condition === "string" ? [node.Condition] : []),
    ...(node["Fn::If"] === undefined ? [] : [(node["Fn::If"] as string[])[0]!]),
  ]);
  return { ...parsed, nodes, named, asked };
}

/** What `${…}` names, but for a text's own names. */
function substituted(node: Node): readonly string[] {
  const sub = node["Fn::Sub"];
  if (sub === undefined) return [];
  const [text, own] = (typeof sub === "string" ? [sub, {}] : sub) as [string, Node];
  return [...text.matchAll(/\$\{([^}!]+)\}/g)].map(([, name]) => name!).filter((name) => !(name in own));
}

/** Names that are nowhere, and parameters and conditions that nobody asks for. */
export function looseEnds({ Parameters, Conditions, Resources, named, asked }: Template): readonly string[] {
  const known = new Set([...Object.keys(Parameters), ...Object.keys(Resources)]);
  const isKnown = (name: string) => known.has(name.split(".")[0]!) || name.startsWith("AWS::");
  const nowhere = [
    ...named.filter((name) => !isKnown(name)),
    ...asked.filter((name) => !Object.hasOwn(Conditions, name)),
  ];
  const idle = [
    ...Object.keys(Parameters).filter((name) => !named.includes(name)),
    ...Object.keys(Conditions).filter((name) => !asked.includes(name)),
  ];
  return [...nowhere.map((name) => `${name} is not there`), ...idle.map((name) => `${name} has no use`)];
}
