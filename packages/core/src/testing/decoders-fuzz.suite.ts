// Damaged inputs for everything in core that reads bytes from a stranger. Whatever comes: the decoder takes it or
// throws a FnmeshError that blames the wire; it neither hangs nor takes memory that was not sent.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodePeerHeader, mostChunkBytes, peerFrame } from "../channel/peer-frame.ts";
import { PeerFrameReader } from "../channel/peer-frame-reader.ts";
import { type ErrorCode, FnmeshError } from "../errors/errors.ts";
import * as wire from "../protocol/index.ts";
import { orchestratorSamples, workerSamples } from "../protocol/samples.suite.ts";
import { valueCodec } from "../values/values.ts";
import { feedLonelySession, nearlyRightFrames } from "./lonely-session.suite.ts";
import { chop, mutate } from "./mutate.ts";
import { type SeededRandom, seededRandom } from "./seeded-random.ts";

/** To see a failure again: it names its seed and the number of the input. */
const seed = Number(process.env.FNMESH_FUZZ_SEED ?? 20231);

const wireCodes: ReadonlySet<ErrorCode> = new Set([
  "PROTOCOL",
  "FRAME_TOO_LARGE",
  "MESSAGE_TOO_LARGE",
  "TRUNCATED",
  "VERSION",
]);

interface Target {
  readonly name: string;
  readonly inputs: number;
  readonly samples: readonly Uint8Array[];
  /** Takes the bytes or throws. True: it was taken, which must happen now and then, or the samples are bad. */
  decode(bytes: Uint8Array, random: SeededRandom): boolean;
}

const sampled = (arbitraries: object): Uint8Array[] =>
  Object.values(arbitraries).flatMap((arbitrary: fc.Arbitrary<wire.WorkerMessage>) =>
    fc.sample(arbitrary, { numRuns: 6, seed }).map((message) => wire.encodeMessage(message)),
  );
const bodyOf = (frame: Uint8Array) => frame.subarray(wire.frameHeaderBytes);
const workerFrames = sampled(workerSamples);
const orchestratorFrames = sampled(orchestratorSamples);
const blobFrames = fc
  .sample(fc.tuple(fc.nat(2 ** 32 - 1), fc.maxSafeNat(), fc.uint8Array({ maxLength: 40 })), {
    numRuns: 20,
    seed,
  })
  .map(([id, offset, bytes]) => wire.encodeBlob({ kind: "input", last: true, id, offset, bytes }));
const relayFrames = [
  wire.encodeRelayReady(),
  ...blobFrames.map((bytes, rank) => wire.encodeRelayData(rank, [bytes])),
];
const identities = (["control", "relay"] as const).map((purpose) =>
  Buffer.from(wire.connectionIdentity(purpose, { job: "a1b2c3", rank: 12, attempt: 3 })),
);
const codec = valueCodec;
const values = [
  {
    text: "a",
    list: [1, 2.5, -7, 2n ** 60n],
    nested: { map: new Map([["k", new Set([1])]]), date: new Date(0) },
  },
  [new Float64Array([1, 2]), new Uint8Array(9), /a+/g, new Error("no"), undefined, null, true],
  Array.from({ length: 20 }, (_, index) => ({ key: `word${index}`, count: index })),
];
const encodedValues = [...values, "text", new Uint32Array(4), new Uint8Array(5)].map((value) => {
  const { kind, bytes } = codec.encode(value);
  return Buffer.concat([Uint8Array.of(kind), bytes]);
});
const peerFrames = Object.values(peerFrame).map((type, index) => {
  const payload = new Uint8Array(index * 5).fill(index);
  const header = { type, flags: index % 8, kind: index, message: index, tag: index, total: payload.length };
  return Buffer.concat([encodePeerHeader(header, payload.length), payload]);
});

/** Three samples in a row, damaged as one, cut as a network cuts. */
const join = (samples: readonly Uint8Array[], random: SeededRandom): Uint8Array =>
  Buffer.concat([0, 1, 2].map(() => samples[random.int(0, samples.length)]!));

const frameBound = 64 * 1024;

function decodeFrames(bytes: Uint8Array, random: SeededRandom, take: (frame: wire.Frame) => void): boolean {
  const decoder = new wire.FrameDecoder(frameBound);
  let taken = 0;
  for (const piece of chop(bytes, random)) {
    for (const frame of decoder.push(piece)) {
      take(frame);
      taken += frame.body.length + wire.frameHeaderBytes;
    }
  }
  decoder.end();
  // Frames are views of what came: nothing is made up and nothing is dropped.
  if (taken !== bytes.length) throw new Error(`${taken} of ${bytes.length} bytes became frames`);
  return true;
}

function readPeerFrames(bytes: Uint8Array, random: SeededRandom): boolean {
  let failure: unknown;
  const place = ({ payloadBytes }: { payloadBytes: number }) => {
    if (payloadBytes > mostChunkBytes) throw new Error(`memory for ${payloadBytes} bytes was asked for`);
    return Buffer.allocUnsafe(payloadBytes);
  };
  const frame = (header: { payloadBytes: number }, payload: Uint8Array) => {
    if (payload.length !== header.payloadBytes) throw new Error("a payload of another length");
  };
  const reader = new PeerFrameReader({ place, frame }, (error) => {
    failure = error;
  });
  for (const piece of chop(bytes, random)) reader.push(piece);
  if (failure !== undefined) throw failure;
  reader.end();
  return true;
}

const targets: readonly Target[] = [
  {
    name: "frames",
    inputs: 150_000,
    samples: [...workerFrames, ...blobFrames],
    decode: (bytes, random) => decodeFrames(bytes, random, () => undefined),
  },
  {
    name: "control frames of a worker",
    inputs: 100_000,
    samples: [...workerFrames, ...blobFrames],
    decode: (bytes, random) =>
      decodeFrames(bytes, random, (frame) => void wire.readControlFrame(frame, wire.decodeWorkerMessage)),
  },
  {
    name: "messages of a worker",
    inputs: 150_000,
    samples: workerFrames.map(bodyOf),
    decode: (bytes) => {
      const message = wire.decodeWorkerMessage(bytes);
      // Whatever is taken is a message that could have been sent.
      const again = wire.decodeWorkerMessage(bodyOf(wire.encodeMessage(message)));
      // By what JSON says of it: in a result, -0 and 1e999 become 0 and null.
      if (JSON.stringify(again) !== JSON.stringify(message))
        throw new Error("a message that changes when it is sent on");
      return true;
    },
  },
  {
    name: "messages of the orchestrator",
    inputs: 150_000,
    samples: orchestratorFrames.map(bodyOf),
    decode: (bytes) => wire.decodeOrchestratorMessage(bytes).type.length > 0,
  },
  {
    name: "blobs",
    inputs: 100_000,
    samples: blobFrames.map(bodyOf),
    decode: (bytes) => wire.decodeBlob(bytes).bytes.length <= bytes.length,
  },
  {
    name: "relay frames",
    inputs: 100_000,
    samples: relayFrames,
    decode: (bytes, random) => decodeFrames(bytes, random, (frame) => void wire.decodeRelayData(frame)),
  },
  {
    name: "observations",
    inputs: 50_000,
    samples: [wire.encodeObserved({ host: "203.0.113.7", port: 4711 })],
    decode: (bytes, random) => decodeFrames(bytes, random, (frame) => void wire.decodeObserved(frame)),
  },
  {
    name: "identities",
    inputs: 50_000,
    samples: identities,
    decode: (bytes) => wire.parseConnectionIdentity(Buffer.from(bytes).toString("utf8")) !== undefined,
  },
  { name: "peer frames", inputs: 150_000, samples: peerFrames, decode: readPeerFrames },
  {
    name: "sessions",
    inputs: 50_000,
    samples: [new Uint8Array(0)],
    decode: (_bytes, random) => feedLonelySession(nearlyRightFrames(random), random),
  },
  {
    name: "values",
    inputs: 100_000,
    samples: encodedValues,
    decode: (bytes) => {
      codec.decode(bytes[0] ?? 0, bytes.subarray(1));
      return true;
    },
  },
];

/** Streams of frames are damaged as streams: several in one input. */
const isStream = new Set(["frames", "control frames of a worker", "relay frames", "peer frames"]);

function fuzz(target: Target): { taken: number; refused: number } {
  const random = seededRandom(`${seed} ${target.name}`);
  const count = { taken: 0, refused: 0 };
  for (let number = 0; number < target.inputs; number += 1) {
    const sample = isStream.has(target.name)
      ? join(target.samples, random)
      : target.samples[random.int(0, target.samples.length)]!;
    const bytes = mutate(sample, random);
    try {
      if (target.decode(bytes, random)) count.taken += 1;
      else count.refused += 1;
    } catch (error) {
      if (!(error instanceof FnmeshError) || !wireCodes.has(error.code)) {
        const hex = Buffer.from(bytes).toString("hex");
        throw new Error(`FNMESH_FUZZ_SEED=${seed}, input ${number} of ${target.name}: ${hex}`, {
          cause: error,
        });
      }
      count.refused += 1;
    }
  }
  return count;
}

/** `share` of a million and more inputs, over all decoders. */
export function describeDecodersUnderFuzz(share: number): void {
  describe("damaged bytes", () => {
    const scaled = targets.map((target) => ({ ...target, inputs: Math.ceil(target.inputs * share) }));
    it.each(scaled)("$name: $inputs inputs are taken or refused, and nothing else happens", (target) => {
      const before = process.memoryUsage().rss;
      const { taken, refused } = fuzz(target);
      expect(taken + refused).toBe(target.inputs);
      expect(taken).toBeGreaterThan(0);
      expect(refused).toBeGreaterThan(target.inputs / 20);
      // The process may grow by garbage that is not collected yet, and not by what a damaged length claims.
      expect(process.memoryUsage().rss - before).toBeLessThan(300e6);
    });

    it("are as many as was promised", () => {
      const sum = scaled.reduce((total, { inputs }) => total + inputs, 0);
      expect(sum).toBeGreaterThanOrEqual(1_000_000 * share);
    });
  });
}
