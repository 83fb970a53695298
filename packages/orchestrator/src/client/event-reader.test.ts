import fc from "fast-check";
import { expect, test } from "vitest";
import { readEvents } from "./event-reader.ts";

async function* pieces(bytes: Uint8Array, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const length of lengths) {
    yield bytes.subarray(at, at + length);
    at += length;
  }
  yield bytes.subarray(at);
}

async function read(text: string, lengths: readonly number[] = []) {
  const events = [];
  for await (const event of readEvents(pieces(Buffer.from(text), lengths))) events.push(event);
  return events;
}

const text =
  'event: log\ndata: {"message":"für dich \\n"}\n\n: still here\n\nevent: end\ndata: {"report":null}\n\n';
const events = [
  { type: "log", data: { message: "für dich \n" } },
  "heartbeat",
  { type: "end", data: { report: null } },
];

test("events come whole, however they are cut into pieces", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(40), { maxLength: 20 }), async (lengths) => {
      expect(await read(text, lengths)).toEqual(events);
    }),
  );
});

test("half an event at the end is none", async () => {
  expect(await read(`${text}event: log\ndata: {"mess`)).toEqual(events);
});

test.each(["<html>\n\n", "event: log\n\n", "event: log\ndata: {\n\n"])("%j is refused", async (other) => {
  await expect(read(other)).rejects.toThrow();
});
