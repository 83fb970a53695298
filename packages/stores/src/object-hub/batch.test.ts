import { encodePeerHeader, peerFrame, peerHeaderBytes } from "@fnmesh/core/internal";
import fc from "fast-check";
import { expect, test } from "vitest";
import { pattern } from "../testing/collector.ts";
import { Batch } from "./batch.ts";
import { decodeEntries, encodeNotes } from "./note.ts";

const write = fc.record({ peer: fc.nat(4), size: fc.oneof(fc.nat(60), fc.integer({ min: 1, max: 40_000 })) });

test("each peer's frames lie side by side, in order, where its entry says", () => {
  fc.assert(
    fc.property(fc.array(write, { minLength: 1, maxLength: 30 }), (writes) => {
      const batch = new Batch();
      const wanted = new Map<number, Buffer[]>();
      for (const [index, { peer, size }] of writes.entries()) {
        const frames = wanted.get(peer) ?? [];
        wanted.set(peer, frames);
        const header = encodePeerHeader({ type: peerFrame.data, message: index }, size);
        const payload = pattern(size, index);
        batch.add(peer, 100 + frames.length, size === 0 ? [header] : [header, payload]);
        frames.push(Buffer.concat([header, payload]));
      }
      const { parts, entries } = batch.lay(7);
      const object = Buffer.concat(parts);
      expect(object.length).toBe(batch.bytes);
      expect([...entries.keys()].sort()).toEqual([...wanted.keys()].sort());
      for (const [peer, frames] of wanted) {
        const whole = Buffer.concat(frames);
        if (frames.length === 1 && whole.length === peerHeaderBytes) continue; // Never alone in a batch: it is a note.
        const [note] = encodeNotes({ from: 0, to: 0 }, [entries.get(peer)!], 1_000);
        const [entry] = decodeEntries(note!, 2 ** 20);
        if (entry?.kind === "payload") {
          const { offset, length } = entry.place;
          expect(object.subarray(offset, offset + length).equals(whole.subarray(peerHeaderBytes))).toBe(true);
          expect(entry.number).toBe(100);
        } else if (entry?.kind === "run") {
          const { object: number, offset, length } = entry.place;
          expect(object.subarray(offset, offset + length).equals(whole)).toBe(true);
          expect([number, entry.number, entry.count]).toEqual([7, 100, frames.length]);
        } else {
          throw new Error("neither a payload nor a run");
        }
      }
    }),
  );
});

test("many small pieces become few", () => {
  const batch = new Batch();
  for (let number = 0; number < 1_000; number += 1) batch.add(0, number, [pattern(50, number)]);
  batch.add(1, 0, [pattern(100_000, 1)]);
  expect(batch.lay(0).parts.length).toBe(2);
});
