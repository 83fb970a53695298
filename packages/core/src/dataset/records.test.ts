import { describe, expect, it } from "vitest";
import { runCrew } from "./crew.suite.ts";
import type { Columns } from "./csv.ts";
import type { Datasets } from "./datasets.ts";

type Files = readonly (readonly [name: string, text: string])[];

const read = async <T>(files: Files, act: (data: Datasets) => Promise<T>, chunkBytes = 5) =>
  (await runCrew({ size: 1, input: () => files, chunkBytes }, act)).results[0]!;
const readCsv = (text: string, columns: Columns, more: { header?: boolean; delimiter?: string } = {}) =>
  read([["people.csv", text]], (data) => data.csv({ columns, ...more }).collect());

describe("a line that cannot be read is an error of the input, which says where it is:", () => {
  it("in JSON lines", async () => {
    const files: Files = [
      ["good.jsonl", '{"a":1}\n'],
      ["bad.jsonl", '{"a":1}\n\n{"a":\n{}'],
    ];
    await expect(read(files, (data) => data.jsonl().count())).rejects.toMatchObject({
      code: "INPUT_UNREADABLE",
      message: expect.stringMatching(/^line 3 of bad\.jsonl: .*JSON.*: \{"a":$/),
      hint: expect.stringContaining("JSON document"),
      rank: 0,
    });
  });

  const columns = { name: "string", age: "int", born: "date", here: "boolean", height: "number" } as const;
  it.each([
    ["Bob", "1 fields for 5 columns"],
    ["Bob,4O,2000-01-01,t,1.8", 'column age: "4O" is not a whole number'],
    ["Bob,40,long ago,t,1.8", 'column born: "long ago" is not a date'],
    ["Bob,40,2000-01-01,maybe,1.8", 'column here: "maybe" is not true'],
    ["Bob,40,2000-01-01,t,tall", 'column height: "tall" is not a number'],
    ['"Bob,40,2000-01-01,t,1.8', "a quote that is not closed"],
    ['"Bob"by,40,2000-01-01,t,1.8', "a quoted field that goes on after its quote"],
  ])("in CSV, %s", async (line, what) => {
    const text = `name,age,born,here,height\nAda,36,1815-12-10,f,1.6\n${line}\n`;
    await expect(readCsv(text, columns)).rejects.toMatchObject({
      code: "INPUT_UNREADABLE",
      message: expect.stringMatching(new RegExp(`^line 3 of people\\.csv: ${what}.*: ${line.slice(0, 8)}`)),
      hint: expect.any(String),
    });
  });

  it("with no more of it than is needed to know it, and as a terminal may show it", async () => {
    const long = `{\u001b[31m${"x".repeat(69)}🐋${"y".repeat(1_000_000)}`;
    const error = await read([["x.jsonl", long]], (data) => data.jsonl().count(), 65_536).catch(
      (thrown) => thrown,
    );
    expect(error.message).toMatch(/: \{\ufffd\[31mx{69}🐋y{3}…$/);
    expect(error.message.length).toBeLessThan(200);
    const field = await readCsv(`age\n${"z".repeat(1_000_000)}`, { age: "int" }).catch((thrown) => thrown);
    expect(field.message.length).toBeLessThan(300);
  });

  it("in the part of a file that another worker may have begun", async () => {
    const input = (rank: number): Files => [
      ["all.jsonl", rank === 0 ? "1\n" : "2\nno"],
      ["more.jsonl", "3"],
    ];
    const failed = runCrew({ size: 2, input }, async (data, rank) => {
      const count = data.jsonl().count();
      // The first worker waits for the other one, as a job does until it ends.
      return rank === 0 ? undefined : await count;
    });
    await expect(failed).rejects.toMatchObject({
      code: "INPUT_UNREADABLE",
      message: expect.stringMatching(/^line 2 of worker 1's part of all\.jsonl: /),
      rank: 1,
    });
  });
});

describe("the line of names", () => {
  const columns = { id: "int", name: "string" } as const;
  const row = { id: 1, name: "a" };

  it("is left out, and may name more columns than are read", async () => {
    expect(await readCsv("id,name\n1,a", columns)).toEqual([row]);
    expect(await readCsv('id, "name",more\n1,a,b', columns).catch(({ code }) => code)).toBe(
      "INPUT_UNREADABLE",
    );
    expect(await readCsv('"id",name ,more\n1,a,b', columns)).toEqual([row]);
    expect(await readCsv("id|name\n1|a", columns, { delimiter: "|" })).toEqual([row]);
  });

  it("is a row in files without one, and anywhere but in the first line", async () => {
    expect(await readCsv("1,a", columns, { header: false })).toEqual([row]);
    const names = { id: "string", name: "string" } as const;
    expect(await readCsv("id,name\nid,name", names)).toEqual([{ id: "id", name: "name" }]);
  });

  it.each([
    ["in another order", "name,id\na,1"],
    ["with other names", "key,title\n1,a"],
    ["that is missing", "1,a\n2,b"],
  ])("%s is an error", async (_, text) => {
    await expect(readCsv(text, columns)).rejects.toMatchObject({
      code: "INPUT_UNREADABLE",
      message: expect.stringMatching(
        /^line 1 of people\.csv: the line of names does not begin with id, name: /,
      ),
      hint: expect.stringContaining("header: false"),
    });
  });

  it("is asked for in each file, and not in the midst of one", async () => {
    const parts: readonly Files[] = [
      [["one.csv", "id,name\n1,a\n"]],
      [
        ["one.csv", "2,b\n"],
        ["two.csv", "id,name\n3,c\n"],
      ],
    ];
    const { results } = await runCrew({ size: 2, input: (rank) => parts[rank]! }, (data) =>
      data.csv({ columns }).collect(),
    );
    expect(results[0]).toEqual([row, { id: 2, name: "b" }, { id: 3, name: "c" }]);
    const second = [parts[0]!, [["one.csv", "2,b\n"] as const, ["two.csv", "3,c\n"] as const]];
    const failed = runCrew({ size: 2, input: (rank) => second[rank]! }, async (data, rank) => {
      const rows = data.csv({ columns }).collect();
      return rank === 0 ? undefined : await rows;
    });
    await expect(failed).rejects.toMatchObject({
      message: expect.stringMatching(/^line 1 of two\.csv: the line of names/),
    });
  });

  it("in another order is an error in any part of a file", async () => {
    const failed = runCrew(
      { size: 2, input: (rank) => (rank === 0 ? [] : [["a.csv", "name,id\na,1"]]) },
      (data, rank) =>
        rank === 0 ? Promise.resolve([]) : data.csv({ columns: { id: "string", name: "string" } }).collect(),
    );
    await expect(failed).rejects.toMatchObject({ code: "INPUT_UNREADABLE" });
  });
});

it.each([1, 2, 1000])("a byte order mark before a file is no part of it, in chunks of %i", async (bytes) => {
  const files = (text: string): Files => [
    ["a.txt", `\ufeff${text}`],
    ["only-a-mark.txt", "\ufeff"],
    ["b.txt", `\ufeff${text}`],
  ];
  const twice = <T>(rows: readonly T[]) => [...rows, ...rows];
  const lines = (text: string) => read(files(text), (data) => data.text().collect(), bytes);
  expect(await lines("one\n\ufefftwo")).toEqual(twice(["one", "\ufefftwo"]));
  expect(await lines("one")).toEqual(twice(["one"]));
  expect(await read(files('{"a":1}\n'), (data) => data.jsonl().collect(), bytes)).toEqual(twice([{ a: 1 }]));
  const csv = (data: Datasets) => data.csv({ files: "?.txt", columns: { id: "int" } }).collect();
  expect(await read(files("id\n7\n"), csv, bytes)).toEqual(twice([{ id: 7 }]));
  expect(await read(files("one"), (data) => data.words().collect(), bytes)).toEqual(twice(["one"]));
});

it("what is saved as CSV is read again", async () => {
  const rows = [
    { id: 1, size: Number.NaN, there: true, day: new Date("2026-11-23"), text: 'a "b", c' },
    { id: Number.NaN, size: -0.5, there: false, day: new Date(Number.NaN), text: "" },
  ];
  const { output } = await runCrew({ size: 1 }, (data) =>
    data.of(rows).saveAsCsv(["id", "size", "there", "day", "text"]),
  );
  const columns = { id: "int", size: "number", there: "boolean", day: "date", text: "string" } as const;
  expect(await readCsv(output, columns)).toEqual(rows);
});

it("a column of a type that there is not is told by its name, with the types that there are", async () => {
  const columns = { name: "string", age: "integer" } as unknown as Columns;
  await expect(readCsv("name,age\nAda,36\n", columns)).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: 'the column age is of no known type: "integer"',
    hint: expect.stringContaining("int"),
  });
});
