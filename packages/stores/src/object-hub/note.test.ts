import { encodePeerHeader, peerFrame } from "@fnmesh/core/internal";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeEntries, decodeNoteHead, encodeFrame, encodeNotes, encodePayload, encodeRun } from "./note.ts";

const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const small = fc.integer({ min: 1, max: 2 ** 24 });
const entry = fc.oneof(
  fc.record({ kind: fc.constant("frame" as const), number: u32, message: u32 }),
  fc.record({ kind: fc.constant("payload" as const), number: u32, length: small, object: u32, offset: u32 }),
  fc.record({
    kind: fc.constant("run" as const),
    number: u32,
    count: u32,
    place: fc.record({ object: u32, offset: u32, length: u32 }),
  }),
);
type Sample = typeof entry extends fc.Arbitrary<infer T> ? T : never;

const encode = (sample: Sample): Uint8Array => {
  if (sample.kind === "run") return encodeRun(sample.number, sample.count, sample.place);
  if (sample.kind === "frame")
    return encodeFrame(sample.number, encodePeerHeader({ type: peerFrame.window, message: sample.message }));
  const header = encodePeerHeader({ type: peerFrame.data }, sample.length, sample.length % 100);
  return encodePayload(sample.number, header, sample.object, sample.offset);
};

describe("a note", () => {
  test("says what it was told, in as many notes as their limit asks for", () => {
    fc.assert(
      fc.property(
        fc.array(entry, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 40, max: 400 }),
        (samples, most) => {
          const notes = encodeNotes({ from: 3, to: 999 }, samples.map(encode), most);
          expect(notes.every((note) => note.length <= most)).toBe(true);
          for (const note of notes) expect(decodeNoteHead(note)).toEqual({ from: 3, to: 999 });
          const entries = notes.flatMap((note) => decodeEntries(note, 2 ** 24));
          expect(entries.map(({ kind, number }) => ({ kind, number }))).toEqual(
            samples.map(({ kind, number }) => ({ kind, number })),
          );
          for (const [index, sample] of samples.entries()) {
            const read = entries[index]!;
            if (sample.kind === "run")
              expect(read).toMatchObject({ count: sample.count, place: sample.place });
            if (sample.kind === "frame") expect(read).toMatchObject({ header: { message: sample.message } });
            if (sample.kind === "payload") {
              const { object, offset, length } = sample;
              expect(read).toMatchObject({
                place: { object, offset, length },
                header: { payloadBytes: length },
              });
            }
          }
        },
      ),
    );
  });

  test("that anybody could have made up is refused or read, and nothing else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const note = Buffer.concat([Buffer.from([1, 0, 0, 0, 0]), bytes]);
        try {
          decodeEntries(note, 1_000);
        } catch (error) {
          expect(["PROTOCOL", "FRAME_TOO_LARGE"]).toContain((error as { code: string }).code);
        }
      }),
    );
    for (const note of [new Uint8Array(0), Uint8Array.of(1, 0, 0, 0), Uint8Array.of(2, 0, 0, 0, 0)])
      expect(() => decodeNoteHead(note)).toThrow(expect.objectContaining({ code: "PROTOCOL" }));
  });

  test("of a payload beyond what a frame may have is refused before memory is taken", () => {
    const payload = encodePayload(0, encodePeerHeader({ type: peerFrame.data }, 2_000), 0, 0);
    const [note] = encodeNotes({ from: 0, to: 0 }, [payload], 1_000);
    expect(() => decodeEntries(note!, 1_999)).toThrow(expect.objectContaining({ code: "FRAME_TOO_LARGE" }));
  });
});
