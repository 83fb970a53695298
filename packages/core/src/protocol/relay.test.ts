import fc from "fast-check";
import { expect, it } from "vitest";
import { FnmeshError } from "../errors/errors.ts";
import { FrameDecoder } from "./frame.ts";
import {
  decodeRelayData,
  encodeRelayData,
  encodeRelayReady,
  mostRelayFrameBytes,
  relayChunkBytes,
  relayFrame,
} from "./relay.ts";

const decodeOnly = (bytes: Uint8Array) => [...new FrameDecoder(mostRelayFrameBytes).push(bytes)];

it("relay data comes back with its rank and its parts joined", () => {
  fc.assert(
    fc.property(fc.nat(2 ** 32 - 1), fc.array(fc.uint8Array(), { maxLength: 5 }), (rank, parts) => {
      const [frame] = decodeOnly(encodeRelayData(rank, parts));
      const data = decodeRelayData(frame!);
      expect(data.rank).toBe(rank);
      expect(Buffer.compare(data.bytes, Buffer.concat(parts))).toBe(0);
    }),
  );
});

it("a whole chunk with a peer frame's header fits a relay frame", () => {
  const [frame] = decodeOnly(encodeRelayData(1, [new Uint8Array(20), new Uint8Array(relayChunkBytes)]));
  expect(decodeRelayData(frame!).bytes.length).toBe(relayChunkBytes + 20);
});

it("the ready frame is empty and of its own type", () => {
  expect(decodeOnly(encodeRelayReady())).toMatchObject([{ type: relayFrame.ready, body: { length: 0 } }]);
});

it.each([
  ["another type", { type: relayFrame.ready, body: new Uint8Array(8) }],
  ["an unknown type", { type: 77, body: new Uint8Array(8) }],
  ["no rank", { type: relayFrame.data, body: new Uint8Array(3) }],
])("relay data with %s is refused", (_what, frame) => {
  expect(() => decodeRelayData(frame)).toThrow(FnmeshError);
  expect(() => decodeRelayData(frame)).toThrow(/unknown or short relay frame/);
});
