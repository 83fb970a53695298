import { expect, it } from "vitest";
import { FnmeshError } from "../errors/errors.ts";
import { encodeFrame, FrameDecoder } from "./frame.ts";
import { decodeObserved, encodeObserved, mostObserveFrameBytes } from "./observe.ts";

const frameOf = (bytes: Uint8Array) => [...new FrameDecoder(mostObserveFrameBytes).push(bytes)][0]!;
const json = (value: unknown) => encodeFrame(1, Buffer.from(JSON.stringify(value)));

it.each([
  { host: "203.0.113.7", port: 1 },
  { host: "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", port: 65_535 },
])("an observation of $host comes back, within the limit of its frame", (endpoint) => {
  expect(decodeObserved(frameOf(encodeObserved(endpoint)))).toEqual(endpoint);
});

it.each([
  ["another type", encodeFrame(2, Buffer.from('{"host":"203.0.113.7","port":1}'))],
  ["no JSON", encodeFrame(1, Buffer.from("hello"))],
  ["nothing", encodeFrame(1, new Uint8Array(0))],
  ["null", json(null)],
  ["a list", json(["203.0.113.7", 1])],
  ["no port", json({ host: "203.0.113.7" })],
  ["port 0", json({ host: "203.0.113.7", port: 0 })],
  ["a port too high", json({ host: "203.0.113.7", port: 65_536 })],
  ["a port in text", json({ host: "203.0.113.7", port: "1" })],
  ["a long host", json({ host: "x".repeat(65), port: 1 })],
  ["UTF-8 that is none", encodeFrame(1, Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d))],
])("an observation with %s is refused", (_what, bytes) => {
  let thrown: unknown;
  try {
    decodeObserved(frameOf(bytes));
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(FnmeshError);
  expect(thrown).toMatchObject({ code: "PROTOCOL" });
});
