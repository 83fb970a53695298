// The independent engine: SQLite, compiled to WebAssembly. It reads the same files in its own way.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import initSqlJs, { type Database } from "sql.js";
import type { TableFiles } from "./table-files.ts";

export interface Engine {
  rows(sql: string): readonly (readonly unknown[])[];
  close(): void;
}

interface Table {
  readonly name: string;
  /** With types as SQLite has them. Further fields of a line are left out. */
  readonly columns: string;
  readonly fields: (line: string) => readonly unknown[];
  readonly header?: true;
}

const separated = (line: string): readonly string[] => line.split("|");

/** Each field is quoted or has no comma; a doubled quote is one. */
const commaSeparated = (line: string): readonly string[] =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? plain! : quoted.replaceAll('""', '"'),
  );

function nationFields(line: string): readonly unknown[] {
  const { key, name, region } = JSON.parse(line) as { key: number; name: string; region: { name: string } };
  return [key, name, region.name];
}

/** By how the file's name begins. */
const tables: Readonly<Record<string, Table>> = {
  lineitem: {
    name: "lineitem",
    columns: `orderkey int, partkey int, suppkey int, linenumber int, quantity int, price real, discount real,
      tax real, returned text, status text, shipped text, committed text, received text, instruction text, mode text`,
    fields: separated,
  },
  orders: {
    name: "orders",
    columns: `key integer primary key, custkey int, status text, total real, date text, priority text, clerk text,
      shippriority int, comment text`,
    fields: separated,
  },
  customer: {
    name: "customer",
    columns: `key integer primary key, name text, nationkey int, phone text, balance real, segment text, comment text`,
    fields: commaSeparated,
    header: true,
  },
  supplier: {
    name: "supplier",
    columns: "key integer primary key, name text, nationkey int, phone text, balance real",
    fields: separated,
  },
  part: {
    name: "part",
    columns:
      "key integer primary key, maker text, brand text, type text, size int, container text, price real",
    fields: separated,
  },
  nation: {
    name: "nation",
    columns: "key integer primary key, name text, region text",
    fields: nationFields,
  },
};

/** Loads all files. */
export async function openEngine({ folder, names }: TableFiles): Promise<Engine> {
  const { Database } = await initSqlJs();
  const database = new Database();
  database.run("pragma journal_mode = off; pragma cache_size = -200000; begin");
  for (const { name, columns } of Object.values(tables)) database.run(`create table ${name} (${columns})`);
  for (const name of names)
    load(database, tables[name.split(".")[0]!]!, readFileSync(join(folder, name), "utf8"));
  database.run(
    "commit; create index of_order on lineitem (orderkey); create index of_customer on orders (custkey)",
  );
  database.run("create index of_supplier on lineitem (suppkey, quantity)");
  return {
    rows: (sql) => database.exec(sql)[0]?.values ?? [],
    close: () => database.close(),
  };
}

function load(database: Database, { name, columns, fields, header }: Table, text: string): void {
  const width = columns.split(",").length;
  const insert = database.prepare(`insert into ${name} values (${new Array(width).fill("?").join(", ")})`);
  const lines = text.split("\n");
  for (const line of lines.slice(header ? 1 : 0)) {
    if (line !== "") insert.run(fields(line).slice(0, width));
  }
  insert.free();
}
