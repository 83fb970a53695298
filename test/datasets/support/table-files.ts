// The tables as files, in a folder of their own.

import { closeSync, openSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { customerLines, nationLines, orderLines, partLines, sizesOf, supplierLines } from "./tables.ts";

export interface TableFiles {
  readonly folder: string;
  readonly names: readonly string[];
  readonly bytes: number;
}

/** Orders and their lines come in several files, as dbgen makes them for several machines. */
const chunks = 3;
const flushedCharacters = 1 << 20;

/** Writes all tables. A scale of 0.1 is about 100 MB. */
export function writeTables(folder: string, scale: number, seed: number): TableFiles {
  const sizes = sizesOf(scale);
  const files = new Map<string, Appended>();
  const to = (name: string): Appended => {
    const file = files.get(name) ?? appendTo(join(folder, name));
    files.set(name, file);
    return file;
  };
  const all: readonly (readonly [string, Iterable<string>])[] = [
    ["nation.jsonl", nationLines()],
    ["supplier.tbl", supplierLines(sizes, seed + 1)],
    ["part.tbl", partLines(sizes, seed + 2)],
    ["customer.csv", customerLines(sizes, seed + 3)],
  ];
  for (const [name, lines] of all) for (const line of lines) to(name).write(line);
  let index = 0;
  for (const { order, items } of orderLines(sizes, seed + 4)) {
    const chunk = 1 + Math.floor((index * chunks) / sizes.orders);
    to(`orders.tbl.${chunk}`).write(order);
    to(`lineitem.tbl.${chunk}`).write(items);
    index += 1;
  }
  for (const file of files.values()) file.close();
  const names = [...files.keys()];
  return {
    folder,
    names,
    bytes: names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0),
  };
}

interface Appended {
  write(text: string): void;
  close(): void;
}

function appendTo(path: string): Appended {
  const file = openSync(path, "w");
  let waiting = "";
  const flush = () => {
    writeSync(file, waiting);
    waiting = "";
  };
  return {
    write(text) {
      waiting += text;
      if (waiting.length >= flushedCharacters) flush();
    },
    close() {
      flush();
      closeSync(file);
    },
  };
}
