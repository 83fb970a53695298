// The arguments of a stand-in: by table, so that what the real command would refuse is refused.

/** A flag's value, or "none" for one that has no value. */
export type FlagRules = Readonly<Record<string, RegExp | "none">>;

export interface Flags {
  /** Arguments that are no flags. */
  readonly words: readonly string[];
  readonly flags: ReadonlyMap<string, string>;
}

/** `refuse` ends the command. */
export function parseFlags(
  given: readonly string[],
  rules: FlagRules,
  refuse: (why: string) => never,
): Flags {
  const flags = new Map<string, string>();
  const words = given.filter((each) => !each.startsWith("--"));
  for (const each of given.filter((one) => one.startsWith("--"))) {
    const [flag, ...value] = each.split("=");
    const rule = rules[flag!];
    const text = value.join("=");
    if (rule === undefined) refuse(`unrecognized arguments: ${flag}`);
    if (flags.has(flag!)) refuse(`argument ${flag}: given twice`);
    const fits = rule === "none" ? text === "" : rule!.test(text);
    if (!fits) refuse(`argument ${flag}: Bad value [${text}]`);
    flags.set(flag!, text);
  }
  return { words, flags };
}
