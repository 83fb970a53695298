import { seededRandom } from "@fnmesh/core/testing";
import { expect, it } from "vitest";
import { ValueBuffer } from "../wire/line-reader.ts";
import { encodeCommand, type Reply, RespError, RespParser } from "./resp.ts";

const wire = (text: string) => Buffer.from(text.replaceAll("|", "\r\n"), "latin1");

/** Feeds the bytes as a socket would, in reads of sizes that the seed decides. */
function feed({ reader }: RespParser, bytes: Uint8Array, mostRead: number, seed: string): void {
  const random = seededRandom(seed);
  for (let at = 0; at < bytes.length; ) {
    const memory = reader.nextBuffer();
    const count = Math.min(memory.length, bytes.length - at, random.int(1, mostRead + 1));
    memory.set(bytes.subarray(at, at + count));
    reader.advance(count);
    at += count;
  }
}

function parsed(bytes: Uint8Array, mostRead = 1_000_000, seed = ""): Reply[] {
  const replies: Reply[] = [];
  feed(new RespParser({ onReply: (reply) => replies.push(reply) }, 64 * 1024), bytes, mostRead, seed);
  return replies;
}

it("reads every kind of reply", () => {
  expect(parsed(wire("+OK|:42|$3|abc|$0||$-1|*-1|*0|*2|:1|*1|$1|x|-OOM no memory|"))).toEqual([
    ...["OK", 42, Buffer.from("abc"), Buffer.from(""), null, null, [], [1, [Buffer.from("x")]]],
    new RespError("OOM no memory"),
  ]);
});

it("reads the same however the bytes are cut", () => {
  const large = Buffer.alloc(50_000, "line\r\n$5\r\n"); // What looks like the protocol is none inside of a value.
  const bytes = Buffer.concat([wire("*3|$50000|"), large, wire("|:7|*2|+a|$-1|+next|")]);
  const expected = [[large, 7, ["a", null]], "next"];
  for (const mostRead of [1, 2, 3, 7, 100, 9_000, 64_000]) {
    for (const seed of ["a", "b"])
      expect(parsed(bytes, mostRead, seed), `${mostRead} ${seed}`).toEqual(expected);
  }
});

it("gives values to a target, in place where that is worth it, and tells which value came before", () => {
  const value = seededRandom("value").bytes(100_000);
  const bytes = Buffer.concat([wire("*2|$2|id|$100000|"), value, wire("|+next|")]);
  for (const mostRead of [1_000, 20_000, 100_000]) {
    const replies: Reply[] = [];
    const before: (string | undefined)[] = [];
    const target = new ValueBuffer(100_000);
    const onBulk = (length: number, last: Buffer | undefined) => {
      before.push(last?.toString());
      return length === 100_000 ? target : undefined;
    };
    const parser = new RespParser({ onReply: (reply) => replies.push(reply), onBulk }, 4096);
    feed(parser, bytes, mostRead, "places");
    expect(replies).toEqual([[Buffer.from("id"), null], "next"]);
    expect(before).toEqual([undefined, "id"]);
    expect(Buffer.compare(target.bytes, value)).toBe(0);
  }
});

it.each(["HTTP/1.1 200 OK|", "$x|", "*1e99|", "!|", "|", `+${"x".repeat(70_000)}`])(
  "refuses what is not Redis: %s",
  (text) => {
    expect(() => parsed(wire(text))).toThrow();
  },
);

it("encodes commands with their lengths in bytes, and a last word of parts without a copy", () => {
  expect(Buffer.concat(encodeCommand(["SET", "ä", 7])).toString()).toBe(
    "*3\r\n$3\r\nSET\r\n$2\r\nä\r\n$1\r\n7\r\n",
  );
  const parts = [Buffer.from("abc"), Buffer.from("de")];
  const encoded = encodeCommand(["X"], parts);
  expect(Buffer.concat(encoded).toString()).toBe("*2\r\n$1\r\nX\r\n$5\r\nabcde\r\n");
  expect(encoded[1]).toBe(parts[0]);
});
