// A platform's section of fnmesh.config.ts, read field by field: what is wrong is told by its name, and never by its
// value, which may be a secret that was put into the wrong place.

import { FnmeshError } from "@fnmesh/core";

export interface CountRule {
  readonly least: number;
  readonly most: number;
  readonly preset: number;
}

type Untyped = Readonly<Record<string, unknown>>;
/** What a field holds where it is there. */
type Given<Section, Name extends keyof Section> = Exclude<Section[Name], undefined>;
type IsOf<Value, Expected> = unknown extends Value
  ? true
  : [Value, Expected] extends [Expected, Value]
    ? true
    : false;
/** Of the fields that hold such a value, no more and no less: what the compiler lets through is what is read. */
type Named<Section, Value> = {
  [Name in keyof Section]-?: IsOf<Given<Section, Name>, Value> extends true ? Name : never;
}[keyof Section] &
  string;

/** `Section` is the type that a person's editor knows the section by. */
export interface Fields<Section = Untyped> {
  /** A text that is not empty. Without a preset the field has to be there. */
  text(name: Named<Section, string>, preset?: string): string;
  /** The same, or undefined where it is absent. */
  optionalText(name: Named<Section, string>): string | undefined;
  /** An address that begins with `http:` or `https:`, without credentials in it. */
  url(name: Named<Section, string>, preset?: string): string;
  /** A whole number. */
  count(name: Named<Section, number>, rule: CountRule): number;
  flag(name: Named<Section, boolean>, preset: boolean): boolean;
  oneOf<Name extends keyof Section & string, Value extends Given<Section, Name> & string>(
    name: Name,
    known: readonly Value[],
    preset: Value,
  ): Value;
  /** A list of texts; empty where it is absent. */
  texts(name: Named<Section, readonly string[]>): readonly string[];
  /** A section inside the section. */
  section<Name extends keyof Section & string>(name: Name): Fields<Inner<Given<Section, Name>>> | undefined;
  /** Refuses what nobody has read. */
  end(): void;
}

type Inner<Value> = unknown extends Value ? Untyped : Value;

/** Throws INVALID_ARGUMENT, as all its members do. */
export function fieldsOf<Section = Untyped>(path: string, section: unknown): Fields<Section> {
  if (section !== undefined && (typeof section !== "object" || section === null || Array.isArray(section))) {
    throw wrong(path, "is no object");
  }
  const given = new Map(Object.entries(section ?? {}).filter(([, value]) => value !== undefined));
  const read = new Set<string>();
  const inner: Pick<Fields, "end">[] = [];
  const take = (name: string): unknown => {
    read.add(name);
    return given.get(name);
  };
  const at = (name: string) => `${path}.${name}`;

  const text = (name: string, preset?: string): string => {
    const value = take(name) ?? preset;
    if (value === undefined) throw wrong(at(name), "is not set");
    if (typeof value !== "string" || value === "") throw wrong(at(name), "is no text");
    return value;
  };
  return {
    text,
    optionalText: (name) => (given.has(name) ? text(name) : void take(name)),
    url(name, preset) {
      const value = text(name, preset);
      const url = URL.canParse(value) ? new URL(value) : undefined;
      if (url === undefined || !/^https?:$/.test(url.protocol))
        throw wrong(at(name), "is no http(s) address");
      if (url.username !== "" || url.password !== "") throw wrong(at(name), "has credentials in it");
      return value.replace(/\/+$/, "");
    },
    count(name, { least, most, preset }) {
      const value = take(name) ?? preset;
      const fits = Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
      if (!fits) throw wrong(at(name), `is no whole number from ${least} to ${most}`);
      return value as number;
    },
    flag(name, preset) {
      const value = take(name) ?? preset;
      if (typeof value !== "boolean") throw wrong(at(name), "is neither true nor false");
      return value;
    },
    oneOf(name, known, preset) {
      const value = take(name) ?? preset;
      const found = known.find((each) => each === value);
      if (found === undefined) throw wrong(at(name), `is none of ${known.join(", ")}`);
      return found;
    },
    texts(name) {
      const value = take(name) ?? [];
      if (Array.isArray(value) && value.every((each) => typeof each === "string" && each !== ""))
        return value;
      throw wrong(at(name), "is no list of texts");
    },
    section<Name extends keyof Section & string>(name: Name) {
      const value = take(name);
      if (value === undefined) return undefined;
      const fields = fieldsOf<Inner<Given<Section, Name>>>(at(name), value);
      inner.push(fields);
      return fields;
    },
    end() {
      for (const each of inner) each.end();
      const unknown = [...given.keys()].filter((name) => !read.has(name));
      if (unknown.length > 0) throw wrong(at(unknown[0]!), "is no setting");
    },
  };
}

const wrong = (field: string, how: string) =>
  new FnmeshError("INVALID_ARGUMENT", `${field} ${how}`, {
    hint: "Correct it in fnmesh.config.ts; docs/providers has what each platform takes.",
  });
