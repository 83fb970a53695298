import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { binarySignature, mostBinaryBytes, readProxyHeader } from "./proxy-header.ts";
import { binaryHeader, textHeader } from "./testing/headers.ts";

const text = (line: string) => readProxyHeader(Buffer.from(line, "latin1"));
const binary = (change: (bytes: Buffer) => number) => {
  const bytes = binaryHeader({ host: "203.0.113.7", port: 41_234 });
  change(bytes);
  return readProxyHeader(bytes);
};

const endpoint = fc.record({
  host: fc.oneof(fc.ipV4(), fc.ipV6()),
  port: fc.integer({ min: 1, max: 65_535 }),
});
const header = fc.oneof(
  fc.tuple(endpoint, fc.uint8Array({ maxLength: 600 })).map(([from, fields]) => binaryHeader(from, fields)),
  endpoint.map(textHeader),
);

describe("any header", () => {
  test("is read whole and exactly, whatever comes behind it", () => {
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 200 }), (bytes, rest) => {
        const read = readProxyHeader(Buffer.concat([bytes, rest]));
        expect(read).toMatchObject({ is: "whole", bytes: bytes.length });
      }),
    );
  });

  test("is waited for, wherever it is cut", () => {
    fc.assert(
      fc.property(header, fc.nat(), (bytes, at) => {
        expect(readProxyHeader(bytes.subarray(0, at % bytes.length))).toEqual({ is: "partial" });
      }),
    );
  });

  test("means one endpoint in both versions", () => {
    fc.assert(
      fc.property(endpoint, (from) => {
        const [a, b] = [binaryHeader(from), textHeader(from)].map(readProxyHeader);
        expect(a).toMatchObject({ is: "whole", from: { port: from.port } });
        expect(a).toEqual({ ...b, bytes: (a as { bytes: number }).bytes });
      }),
    );
  });

  test("that is changed anywhere is read as something or nothing, never beyond its end", () => {
    fc.assert(
      fc.property(header, fc.nat(), fc.nat(255), (bytes, at, value) => {
        const changed = Buffer.from(bytes);
        changed[at % bytes.length] = value;
        const read = readProxyHeader(changed);
        if (read.is === "whole") expect(read.bytes).toBeLessThanOrEqual(changed.length);
      }),
      { numRuns: 1000 },
    );
  });

  test("is not what random bytes are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 13, maxLength: 300 }), (bytes) => {
        expect(readProxyHeader(bytes).is).toBe("malformed");
      }),
    );
  });
});

describe("version 1", () => {
  test("names IPv4 and IPv6, in the form in which limits count them", () => {
    expect(text("PROXY TCP4 203.0.113.7 10.0.0.5 41234 7420\r\n")).toEqual({
      is: "whole",
      bytes: 44,
      from: { host: "203.0.113.7", port: 41_234 },
    });
    expect(text("PROXY TCP6 2001:DB8:0:0:0:0:0:7 ::1 41234 7420\r\n")).toMatchObject({
      from: { host: "2001:db8::7", port: 41_234 },
    });
    expect(text("PROXY TCP6 ::ffff:203.0.113.7 ::1 41234 7420\r\n")).toMatchObject({
      from: { host: "203.0.113.7" },
    });
  });

  test.each(["PROXY UNKNOWN\r\n", "PROXY UNKNOWN ffff:: ffff:: 1 2 and what not\r\n"])(
    "the proxy's own connection has no one behind it: %j",
    (line) => expect(text(line)).toEqual({ is: "whole", bytes: line.length }),
  );

  test.each([
    ["another family", "PROXY UDP4 203.0.113.7 10.0.0.5 41234 7420\r\n"],
    ["small letters", "PROXY tcp4 203.0.113.7 10.0.0.5 41234 7420\r\n"],
    ["a family that is not the address's", "PROXY TCP6 203.0.113.7 10.0.0.5 41234 7420\r\n"],
    ["an octet too large", "PROXY TCP4 203.0.113.256 10.0.0.5 41234 7420\r\n"],
    ["an octet that could be octal", "PROXY TCP4 203.0.113.07 10.0.0.5 41234 7420\r\n"],
    ["a zone", "PROXY TCP6 fe80::1%eth0 ::1 41234 7420\r\n"],
    ["a port too large", "PROXY TCP4 203.0.113.7 10.0.0.5 65536 7420\r\n"],
    ["a port with a sign", "PROXY TCP4 203.0.113.7 10.0.0.5 +412 7420\r\n"],
    ["a port with a zero before it", "PROXY TCP4 203.0.113.7 10.0.0.5 0412 7420\r\n"],
    ["port 0", "PROXY TCP4 203.0.113.7 10.0.0.5 0 7420\r\n"],
    ["a field too few", "PROXY TCP4 203.0.113.7 10.0.0.5 41234\r\n"],
    ["a field too many", "PROXY TCP4 203.0.113.7 10.0.0.5 41234 7420 1\r\n"],
    ["two blanks", "PROXY TCP4  203.0.113.7 10.0.0.5 41234 7420\r\n"],
    ["a line end of its own kind", `PROXY TCP4 203.0.113.7 10.0.0.5 41234 7420\n${"x".repeat(70)}`],
    ["a line without end", `PROXY TCP4 ${"1".repeat(96)}\r\n`],
    ["another word", "PROXI TCP4 203.0.113.7 10.0.0.5 41234 7420\r\n"],
  ])("is refused with %s", (_, line) => expect(text(line).is).toBe("malformed"));

  test("the longest line is one, and a byte more is none", () => {
    const longest = `PROXY UNKNOWN ${"x".repeat(91)}\r\n`;
    expect(longest).toHaveLength(107);
    expect(text(longest).is).toBe("whole");
    expect(text(longest.replace("\r\n", "x\r\n")).is).toBe("malformed");
  });
});

describe("version 2", () => {
  test("LOCAL and an unspecified family are the proxy's own connection", () => {
    for (const change of [(b: Buffer) => b.writeUInt8(0x20, 12), (b: Buffer) => b.writeUInt8(0, 13)]) {
      expect(binary(change)).toEqual({ is: "whole", bytes: 28 });
    }
    const bare = Buffer.concat([binarySignature, Buffer.from([0x20, 0, 0, 0])]);
    expect(readProxyHeader(bare)).toEqual({ is: "whole", bytes: 16 });
  });

  test.each<[string, (bytes: Buffer) => number]>([
    ["another version", (b) => b.writeUInt8(0x11, 12)],
    ["another command", (b) => b.writeUInt8(0x22, 12)],
    ["UDP", (b) => b.writeUInt8(0x12, 13)],
    ["a unix socket", (b) => b.writeUInt8(0x31, 13)],
    ["too little for its family", (b) => b.writeUInt16BE(11, 14)],
    ["IPv4's length for IPv6", (b) => b.writeUInt8(0x21, 13)],
    ["port 0", (b) => b.writeUInt16BE(0, 24)],
    ["a signature that is off by one bit", (b) => b.writeUInt8(0x0b, 11)],
  ])("is refused with %s", (_, change) => expect(binary(change).is).toBe("malformed"));

  test("one beyond the bound is refused before it is waited for", () => {
    const announced = (length: number) => binary((bytes) => bytes.writeUInt16BE(length, 14)).is;
    expect(announced(mostBinaryBytes - 16)).toBe("partial");
    expect(announced(mostBinaryBytes - 15)).toBe("malformed");
    expect(announced(65_535)).toBe("malformed");
  });
});
