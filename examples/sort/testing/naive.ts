// The plainest way to sort records, to compare with.

const recordPattern = /[\s\S]{100}/g;

/** JavaScript's sort is stable. */
export function plainlySorted(records: Uint8Array): Buffer {
  const lines = Buffer.from(records).toString("latin1").match(recordPattern) ?? [];
  const keyed = lines.map((line) => ({ key: line.slice(0, 10), line }));
  keyed.sort((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0));
  return Buffer.from(keyed.map(({ line }) => line).join(""), "latin1");
}
