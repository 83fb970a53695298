// The tables as datasets: of each, the columns that queries look at, kept from the first query on.

import type { Datasets } from "fnmesh";

const separated = { header: false, delimiter: "|" } as const;

export interface Nation {
  readonly key: number;
  readonly name: string;
  readonly region: { readonly key: number; readonly name: string };
}

export function cachedTables(data: Datasets) {
  const items = data
    .csv({
      ...separated,
      files: "lineitem.tbl.*",
      columns: {
        order: "int",
        part: "int",
        supplier: "int",
        line: "int",
        quantity: "int",
        price: "number",
        discount: "number",
        tax: "number",
        returned: "string",
        status: "string",
        shipped: "string",
        committed: "string",
        received: "string",
        instruction: "string",
        mode: "string",
      },
    })
    .cache();
  const orders = data
    .csv({
      ...separated,
      files: "orders.tbl.*",
      columns: {
        key: "int",
        customer: "int",
        status: "string",
        total: "number",
        date: "date",
        priority: "string",
        clerk: "string",
        shipPriority: "int",
        comment: "string",
      },
    })
    .map((order) => ({ ...order, day: order.date.toISOString().slice(0, 10) }))
    .cache();
  const customers = data
    .csv({
      files: "customer.csv",
      columns: {
        custkey: "int",
        name: "string",
        nationkey: "int",
        phone: "string",
        acctbal: "number",
        mktsegment: "string",
        comment: "string",
      },
    })
    .cache();
  const suppliers = data
    .csv({
      ...separated,
      files: "supplier.tbl",
      columns: { key: "int", name: "string", nation: "int", phone: "string", balance: "number" },
    })
    .cache();
  const parts = data
    .csv({
      ...separated,
      files: "part.tbl",
      columns: {
        key: "int",
        maker: "string",
        brand: "string",
        type: "string",
        size: "int",
        container: "string",
        price: "number",
      },
    })
    .cache();
  const nations = data.jsonl<Nation>({ files: "nation.jsonl" }).cache();
  return { items, orders, customers, suppliers, parts, nations };
}

export type Tables = ReturnType<typeof cachedTables>;
/** Rows as SQL gives them: a list of values for each. */
export type Rows = readonly (readonly unknown[])[];
export type Query = (tables: Tables) => Promise<Rows>;
