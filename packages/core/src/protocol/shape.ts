// Checks that a decoded JSON value has the shape that its type promises. Forty lines instead of a schema library:
// this code is in every function's bundle, and the wire needs nothing but exact, bounded shapes.

/** Returns the value as T, or throws a ShapeError that names the place. Unknown object keys are dropped. */
export type Shape<T> = (value: unknown, at: string) => T;
export type Infer<S> = S extends Shape<infer T> ? T : never;

export class ShapeError extends Error {}

const fail = (at: string, wanted: string): never => {
  throw new ShapeError(`${at}: expected ${wanted}`);
};

export const text =
  (most = 4096): Shape<string> =>
  (value, at) =>
    typeof value === "string" && value.length <= most
      ? value
      : fail(at, `a string of at most ${most} characters`);

export const whole =
  (least = 0, most = Number.MAX_SAFE_INTEGER): Shape<number> =>
  (value, at) =>
    typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most
      ? value + 0 // JSON can say -0, which would be a number of its own.
      : fail(at, `a whole number from ${least} to ${most}`);

export const amount: Shape<number> = (value, at) =>
  typeof value === "number" && Number.isFinite(value) ? value + 0 : fail(at, "a finite number");

export const flag: Shape<boolean> = (value, at) =>
  typeof value === "boolean" ? value : fail(at, "true or false");

/**
 * Any JSON value, nested at most `mostDepth` deep: what reads it further on may recurse. Walks without recursion.
 */
export const json =
  (mostDepth: number): Shape<unknown> =>
  (value, at) => {
    const waiting: [value: unknown, depth: number][] = [[value, 0]];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [inner, depth] = next;
      if (typeof inner !== "object" || inner === null) continue;
      if (depth === mostDepth) return fail(at, `JSON at most ${mostDepth} levels deep`);
      for (const child of Object.values(inner)) waiting.push([child, depth + 1]);
    }
    return value;
  };

export const oneOf =
  <const T extends readonly string[]>(...names: T): Shape<T[number]> =>
  (value, at) =>
    typeof value === "string" && names.includes(value) ? value : fail(at, names.join(" or "));

export const listOf =
  <T>(item: Shape<T>, most = 65_536): Shape<readonly T[]> =>
  (value, at) =>
    Array.isArray(value) && value.length <= most
      ? value.map((entry, index) => item(entry, `${at}[${index}]`))
      : fail(at, `a list of at most ${most} items`);

export const recordOf =
  <T>(item: Shape<T>): Shape<Readonly<Record<string, T>>> =>
  (value, at) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return fail(at, "an object");
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [key, item(entry, `${at}.${key}`)]),
    );
  };

type Fields = Readonly<Record<string, Shape<unknown>>>;
type OptionalKeys<F extends Fields> = { [K in keyof F]: undefined extends Infer<F[K]> ? K : never }[keyof F];
type ObjectOf<F extends Fields> = { readonly [K in Exclude<keyof F, OptionalKeys<F>>]: Infer<F[K]> } & {
  readonly [K in OptionalKeys<F>]?: Exclude<Infer<F[K]>, undefined>;
};

export const maybe =
  <T>(shape: Shape<T>): Shape<T | undefined> =>
  (value, at) =>
    value === undefined ? undefined : shape(value, at);

export const object = <const F extends Fields>(fields: F): Shape<ObjectOf<F>> => {
  const names = Object.keys(fields);
  const shapes = Object.values(fields);
  return (value, at) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return fail(at, "an object");
    const result: Record<string, unknown> = {};
    for (let index = 0; index < names.length; index += 1) {
      const name = names[index]!;
      const given = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
      const field = shapes[index]!(given, `${at}.${name}`);
      if (field !== undefined) result[name] = field;
    }
    return result as ObjectOf<F>;
  };
};
