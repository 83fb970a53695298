import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FnmeshError } from "../errors/errors.ts";
import {
  type Blob,
  blobChunkBytes,
  blobKind,
  controlFrame,
  decodeBlob,
  decodeOrchestratorMessage,
  decodeWorkerMessage,
  encodeBlob,
  encodeMessage,
  fromOrchestrator,
  fromWorker,
  mostControlFrameBytes,
  mostResultDepth,
  type OrchestratorMessage,
  readControlFrame,
  type WorkerMessage,
} from "./control.ts";
import { FrameDecoder } from "./frame.ts";
import { orchestratorSamples, workerSamples } from "./samples.suite.ts";

const frameOf = (bytes: Uint8Array) => {
  const decoder = new FrameDecoder(mostControlFrameBytes);
  const frames = [...decoder.push(bytes)];
  decoder.end();
  expect(frames).toHaveLength(1);
  return frames[0]!;
};

/** What JSON makes of a value: `undefined` fields are gone. */
const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const codeThrown = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return error instanceof FnmeshError ? error.code : `a stranger: ${String(error)}`;
  }
  return "nothing thrown";
};

const directions = [
  ["worker", workerSamples, fromWorker, decodeWorkerMessage],
  ["orchestrator", orchestratorSamples, fromOrchestrator, decodeOrchestratorMessage],
] as const;

/** Fields that a message may leave out. */
const optional = new Set([
  "result.value",
  "emit.value",
  "telemetry.connect",
  "telemetry.stores",
  "telemetry.input",
  "welcome.sources",
  "connect.bytes",
  "route.relay",
]);

const encodeJson = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

describe.each(directions)("a message of the %s", (who, samples, table, decode) => {
  const types = Object.keys(samples) as (keyof typeof samples)[];
  const anyMessage = fc.oneof(...types.map((type) => samples[type] as fc.Arbitrary<WorkerMessage>));

  it("has a sample here for each type that there is", () => {
    expect([...types].sort()).toEqual(Object.keys(table).sort());
  });

  it.each(types)("%s comes back as it was sent", (type) => {
    fc.assert(
      fc.property(samples[type] as fc.Arbitrary<WorkerMessage | OrchestratorMessage>, (message) => {
        const frame = frameOf(encodeMessage(message));
        expect(frame.type).toBe(controlFrame.message);
        expect(decode(frame.body)).toEqual(throughJson(message));
        expect(readControlFrame<unknown>(frame, decode)).toEqual({ message: throughJson(message) });
      }),
    );
  });

  it.each(types)("%s without one of its fields is refused", (type) => {
    const message = throughJson(fc.sample(samples[type] as fc.Arbitrary<object>, { numRuns: 1, seed: 1 })[0]);
    for (const field of Object.keys(message as object)) {
      if (optional.has(`${type}.${field}`)) continue;
      const without: Record<string, unknown> = { ...(message as object) };
      delete without[field];
      expect(codeThrown(() => decode(encodeJson(without)))).toBe("PROTOCOL");
    }
  });

  it("with a field of another kind is refused, or that kind is one that the field may have", () => {
    const strangers = fc.constantFrom<unknown>(
      null,
      true,
      -1,
      1.5,
      1e308,
      2 ** 53,
      "x",
      "x".repeat(70_000),
      [],
      {},
      [null],
    );
    fc.assert(
      fc.property(anyMessage, fc.nat(), strangers, (message, which, stranger) => {
        const fields = Object.keys(message).filter((field) => field !== "type");
        const field = fields[which % Math.max(fields.length, 1)];
        if (field === undefined) return;
        const changed = { ...message, [field]: stranger };
        const code = codeThrown(() => {
          const decoded = decode(encodeJson(changed)) as unknown as Record<string, unknown>;
          expect(decoded[field]).toEqual(throughJson(stranger));
          expect(decoded).toEqual(throughJson(changed));
        });
        expect(["PROTOCOL", "nothing thrown"]).toContain(code);
      }),
      { numRuns: 500 },
    );
  });

  it("of an unknown type is refused, whatever every object has by that name", () => {
    for (const type of [
      "",
      "nonsense",
      "constructor",
      "__proto__",
      "toString",
      "hasOwnProperty",
      1,
      null,
      ["hello"],
    ]) {
      expect(codeThrown(() => decode(encodeJson({ type })))).toBe("PROTOCOL");
    }
  });

  it.each([
    ["nothing", ""],
    ["no JSON", "hello"],
    ["half of it", '{"type":"ping","id"'],
    ["two of it", '{"type":"ping","id":1}{"type":"ping","id":1}'],
    ["null", "null"],
    ["a number", "7"],
    ["a text", '"ping"'],
    ["a list", '[{"type":"ping","id":1}]'],
    ["a list with a type", '["type"]'],
    ["a number beyond all", '{"type":"ping","id":1e999}'],
    ["a byte order mark", '\uFEFF{"type":"ping","id":-1}'],
    ["a deep list", "[".repeat(500_000)],
    ["a deep object", '{"type":'.repeat(100_000)],
  ])("that is %s is refused", (_what, text) => {
    expect(codeThrown(() => decode(Buffer.from(text)))).toBe("PROTOCOL");
  });

  it("in UTF-8 that is none is refused, also inside a text", () => {
    for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80], [0xc0, 0xaf]]) {
      const body = Buffer.concat([
        Buffer.from('{"type":"ping","id":1,"x":"'),
        Buffer.from(bytes),
        Buffer.from('"}'),
      ]);
      expect(codeThrown(() => decode(body))).toBe("PROTOCOL");
    }
  });

  it("with keys that would reach a prototype is read without them", () => {
    const text =
      '{"type":"ping","id":7,"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
    const message = decode(Buffer.from(text));
    expect(message).toStrictEqual({ type: "ping", id: 7 });
    expect(Object.getPrototypeOf(message)).toBe(Object.prototype);
    expect("polluted" in {}).toBe(false);
  });

  it("that is one of the other side's is refused", () => {
    const theirs = who === "worker" ? '{"type":"done"}' : '{"type":"connect","peers":[]}';
    expect(codeThrown(() => decode(Buffer.from(theirs)))).toBe("PROTOCOL");
  });
});

describe("sending", () => {
  it("refuses what does not fit a frame, and names what to do", () => {
    const tooLong: WorkerMessage = { type: "result", value: "x".repeat(mostControlFrameBytes) };
    expect(codeThrown(() => encodeMessage(tooLong))).toBe("LIMIT");
    const overhead = '{"type":"result","value":""}'.length + 1;
    const fits: WorkerMessage = { type: "result", value: "x".repeat(mostControlFrameBytes - overhead) };
    expect(frameOf(encodeMessage(fits)).body.length).toBe(mostControlFrameBytes - 1);
  });

  it.each([
    ["a bigint", 1n],
    [
      "a cycle",
      (() => {
        const list: unknown[] = [];
        list.push(list);
        return list;
      })(),
    ],
    ["something nested too deep", Array.from({ length: mostResultDepth + 1 }).reduce((inner) => [inner], 1)],
    ["something nested absurdly deep", Array.from({ length: 100_000 }).reduce((inner) => [inner], 1)],
  ])("refuses a result with %s as NOT_SERIALIZABLE", (_what, value) => {
    expect(codeThrown(() => encodeMessage({ type: "result", value }))).toBe("NOT_SERIALIZABLE");
  });

  it("takes a result that is nested as deep as allowed", () => {
    const value = Array.from({ length: mostResultDepth }).reduce((inner) => [inner], 1);
    const { body } = frameOf(encodeMessage({ type: "result", value }));
    expect(decodeWorkerMessage(body)).toEqual({ type: "result", value });
  });
});

const anyBlob: fc.Arbitrary<Blob> = fc.record({
  kind: fc.constantFrom("code", "input", "output"),
  last: fc.boolean(),
  id: fc.nat(2 ** 32 - 1),
  offset: fc.maxSafeNat(),
  bytes: fc.uint8Array(),
});

describe("a blob", () => {
  it("comes back as it was sent", () => {
    fc.assert(
      fc.property(anyBlob, (blob) => {
        const frame = frameOf(encodeBlob(blob));
        expect(frame.type).toBe(controlFrame.blob);
        const { bytes, ...rest } = decodeBlob(frame.body);
        expect({ ...rest, bytes: [...bytes] }).toEqual({ ...blob, bytes: [...blob.bytes] });
      }),
    );
  });

  it("of a whole chunk fits a frame", () => {
    const bytes = new Uint8Array(blobChunkBytes);
    expect(
      frameOf(encodeBlob({ kind: "code", last: true, id: 0, offset: 0, bytes })).body.length,
    ).toBeGreaterThan(blobChunkBytes);
  });

  const header = (change: (view: DataView) => void): Uint8Array => {
    const body = new Uint8Array(16);
    body[0] = blobKind.input;
    change(new DataView(body.buffer));
    return body;
  };

  it.each([
    ["no header", new Uint8Array(15)],
    ["nothing", new Uint8Array(0)],
    ["kind 0", header((view) => view.setUint8(0, 0))],
    ["an unknown kind", header((view) => view.setUint8(0, 4))],
    ["a flag that is neither 0 nor 1", header((view) => view.setUint8(1, 2))],
    ["something in its reserved bytes", header((view) => view.setUint16(2, 1, true))],
    ["a negative offset", header((view) => view.setFloat64(8, -1, true))],
    ["a broken offset", header((view) => view.setFloat64(8, 0.5, true))],
    ["an offset that is no number", header((view) => view.setFloat64(8, Number.NaN, true))],
    ["an infinite offset", header((view) => view.setFloat64(8, Number.POSITIVE_INFINITY, true))],
    ["an offset beyond 2^53", header((view) => view.setFloat64(8, 2 ** 53, true))],
  ])("with %s is refused", (_what, body) => {
    expect(codeThrown(() => decodeBlob(body))).toBe("PROTOCOL");
  });

  it("is a view into the frame, not a copy", () => {
    const { body } = frameOf(
      encodeBlob({ kind: "output", last: false, id: 0, offset: 0, bytes: Uint8Array.of(1) }),
    );
    expect(decodeBlob(body).bytes.buffer).toBe(body.buffer);
  });
});

it("a control frame of an unknown type is refused", () => {
  for (const type of [0, 4, 255]) {
    expect(codeThrown(() => readControlFrame({ type, body: new Uint8Array(20) }, decodeWorkerMessage))).toBe(
      "PROTOCOL",
    );
  }
});
