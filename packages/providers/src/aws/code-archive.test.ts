import { createHash } from "node:crypto";
import { unzipSync } from "fflate";
import { expect, test } from "vitest";
import { codeArchive } from "./code-archive.ts";

const code = Buffer.from('exports.handler = async () => ({ ok: true, "ü": 1 });\n'.repeat(1000));

test("others' readers find the one file in it, as it was", () => {
  const { bytes } = codeArchive("entry.cjs", code);
  const files = unzipSync(bytes);
  expect(Object.keys(files)).toEqual(["entry.cjs"]);
  expect(Buffer.from(files["entry.cjs"]!).equals(code)).toBe(true);
});

test("an empty file, too", () => {
  expect(unzipSync(codeArchive("entry.cjs", new Uint8Array()).bytes)).toEqual({
    "entry.cjs": new Uint8Array(),
  });
});

test("the same code gives the same bytes for ever: this hash has to hold on every machine and Node", () => {
  const { bytes, sha256 } = codeArchive("entry.cjs", Buffer.from("exports.handler = 1;\n"));
  expect(sha256).toBe(createHash("sha256").update(bytes).digest("base64"));
  expect(sha256).toBe("xwV5Bve+EQpDt1Asx8sSiVg75X4WBTQoDkAj2qztu+Q=");
});

test("other code or another name gives another hash", () => {
  const hashes = [
    codeArchive("entry.cjs", code),
    codeArchive("entry.cjs", code.subarray(1)),
    codeArchive("other.cjs", code),
  ].map(({ sha256 }) => sha256);
  expect(new Set(hashes).size).toBe(3);
});

test("who unpacks it on Unix may read the file", () => {
  const { bytes } = codeArchive("entry.cjs", code);
  const archive = Buffer.from(bytes);
  const central = archive.lastIndexOf(Buffer.from("PK\x01\x02", "latin1"));
  expect(archive.readUInt8(central + 5)).toBe(3);
  expect(archive.readUInt32LE(central + 38) >>> 16).toBe(0o100644);
});
