import { describe, expect, test } from "vitest";
import type { InputPart } from "../jobs/job.ts";
import { renameParts } from "./job-input.ts";

const part = (bytes: number): InputPart => ({
  name: "spooled",
  bytes,
  read: async () => new Uint8Array(bytes),
});
const file = (name: string, bytes: number) => ({ name, path: "spooled", bytes });

describe("parts of blobs", () => {
  test("have the names that the client gave", () => {
    const parts = [[part(4), part(2)], [part(3)], [], [part(0), part(0), part(5)]];
    const files = [file("a", 4), file("b", 5), file("empty", 0), file("empty too", 0), file("c", 5)];
    const names = renameParts(parts, files).map((mine) => mine.map(({ name, bytes }) => `${name} ${bytes}`));
    expect(names).toEqual([["a 4", "b 2"], ["b 3"], [], ["empty 0", "empty too 0", "c 5"]]);
  });
});
