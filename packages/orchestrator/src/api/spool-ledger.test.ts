import { describe, expect, test } from "vitest";
import { SpoolLedger } from "./spool-ledger.ts";

const filled = (mostBytes: number, entries: Record<string, number>): SpoolLedger => {
  const ledger = new SpoolLedger(mostBytes);
  for (const [key, bytes] of Object.entries(entries)) {
    ledger.add(key);
    ledger.charge(key, bytes);
    ledger.unpin(key);
  }
  return ledger;
};

describe("the spool's ledger", () => {
  test("evicts the least recently used, no more than needed", () => {
    const ledger = filled(100, { a: 40, b: 40, c: 20 });
    ledger.pin("a");
    ledger.unpin("a");
    ledger.add("d");
    expect(ledger.charge("d", 30)).toEqual(["b"]);
    expect(ledger.bytes).toBe(90);
    expect(ledger.has("b")).toBe(false);
  });

  test("never evicts what is pinned, and then changes nothing", () => {
    const ledger = filled(100, { a: 40, b: 60 });
    ledger.pin("a");
    ledger.pin("b");
    ledger.unpin("b");
    ledger.add("c");
    expect(() => ledger.charge("c", 61)).toThrow(expect.objectContaining({ code: "SPOOL_FULL" }));
    expect([ledger.bytes, ledger.has("b")]).toEqual([100, true]);
    expect(ledger.charge("c", 60)).toEqual(["b"]);
  });

  test("does not evict the entry that it is for", () => {
    const ledger = new SpoolLedger(10);
    ledger.add("a");
    ledger.charge("a", 10);
    expect(() => ledger.charge("a", 1)).toThrow(expect.objectContaining({ code: "SPOOL_FULL" }));
  });

  test("gives back what is removed, twice is once", () => {
    const ledger = filled(10, { a: 10 });
    ledger.remove("a");
    ledger.remove("a");
    expect(ledger.bytes).toBe(0);
  });
});
