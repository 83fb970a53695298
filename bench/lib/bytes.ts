// Amounts of bytes as people write them.

const units = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 } as const;

/** `256MB`, `1.5GiB`, `1000`. Undefined: it is none. */
export function parseBytes(text: string): number | undefined {
  const [, digits, unit = "B"] = /^(\d+(?:\.\d+)?)\s*([KMG]i?B|B)?$/.exec(text) ?? [];
  return digits === undefined ? undefined : Math.round(Number(digits) * units[unit as keyof typeof units]);
}
