// Queries for what TPC-H's leave out: union, mapPartitions, distinct rows, groups, broadcast and shuffled joins of the
// same tables, a global order of all rows, missing values.

import type { Query } from "./cached-tables.ts";

/** Customers and suppliers by nation, those of one nation under one name. */
const unionByNation: Query = async ({ customers, suppliers, nations }) => {
  const dealers = customers
    .map(({ nationkey }) => nationkey)
    .union(suppliers.map(({ nation }) => nation))
    .map((nation): [number, null] => [nation, null])
    .countByKey()
    .join(nations.map(({ key, name }): [number, string] => [key, name]));
  return (await dealers.collect()).map(([, [count, name]]) => [name, count]);
};

/** Items by the month of their shipping, counted by each worker in its own way first. */
const monthsByPartitions: Query = async ({ items }) => {
  const months = items
    .mapPartitions(async function* (rows) {
      const counts = new Map<string, number>();
      for await (const { shipped } of rows) {
        const month = shipped.slice(0, 7);
        counts.set(month, (counts.get(month) ?? 0) + 1);
      }
      yield* counts;
    })
    .reduceByKey((left, right) => left + right);
  return await months.collect();
};

/** How many suppliers ship by each mode, and how many kinds of parts. */
const distinctPairs: Query = async ({ items }) => {
  const suppliers = items
    .map(({ mode, supplier }): [string, number] => [mode, supplier])
    .distinct()
    .countByKey();
  const parts = items
    .distinct(({ mode, part }) => [mode, part])
    .keyBy(({ mode }) => mode)
    .countByKey();
  return (await suppliers.join(parts).collect()).map(([mode, counts]) => [mode, ...counts]);
};

/** The order of all orders, as a list that depends on every place in it. */
const globalOrder: Query = async ({ orders }) => {
  const inOrder = orders
    .sortBy(({ priority, total, key }) => [priority, total, key], { descending: true })
    .map(({ key }) => key);
  let sum = 0;
  for (const [place, key] of (await inOrder.collect()).entries()) sum += (place + 1) * (key % 1000);
  return [[sum, ...(await inOrder.take(3))]];
};

/** Of each segment: the customers of the least and the greatest balance, and how many have debts. */
const groupsOfCustomers: Query = async ({ customers }) => {
  const groups = customers
    .map(({ mktsegment, acctbal }): [string, number] => [mktsegment, acctbal])
    .groupByKey()
    .mapValues((balances): readonly number[] => [
      balances.reduce((least, balance) => Math.min(least, balance)),
      balances.reduce((most, balance) => Math.max(most, balance)),
      balances.filter((balance) => balance < 0).length,
    ]);
  return (await groups.collect()).map(([segment, figures]) => [segment, ...figures]);
};

/** Customers without orders, by what their phone says of their country, and what they own. */
const withoutOrders: Query = async ({ customers, orders }) => {
  const idle = customers
    .map(({ custkey, phone, acctbal }): [number, [string, number]] => [custkey, [phone.slice(0, 2), acctbal]])
    .leftJoin(
      orders.map(({ customer }): [number, true] => [customer, true]),
      { strategy: "shuffle" },
    )
    .filter(([, [, order]]) => order === undefined)
    .map(([, [[country, balance]]]): [string, [number, number]] => [country, [1, balance]])
    .reduceByKey((left, right): [number, number] => [left[0] + right[0], left[1] + right[1]]);
  return (await idle.collect()).map(([country, sums]) => [country, ...sums]);
};

/** Words of comments, which are not ASCII alone. */
const wordsOfComments: Query = async ({ orders, customers }) => {
  const comments = orders.map(({ comment }) => comment).union(customers.map(({ comment }) => comment));
  const counts = comments
    .flatMap((text) => text.split(" "))
    .filter((word) => word.includes("o") || word.includes("é") || word.includes("Ω"))
    .countByValue();
  return await counts.collect();
};

/** Quoted fields hold what separates others. */
const quotedFields: Query = async ({ customers }) => {
  const quoted = customers.filter(({ comment }) => comment.includes('"'));
  const rich = await quoted
    .filter(({ name }) => name.startsWith("Customer, #"))
    .map(({ comment }) => comment.length)
    .reduce((left, right) => left + right);
  return [[await quoted.count(), rich ?? 0, await customers.filter(({ acctbal }) => acctbal > 9000).count()]];
};

/** Who shipped most to whom: a join of two large sides whose keys come several times on both. */
const manyToMany: Query = async ({ items, parts }) => {
  const heavy = items
    .filter(({ quantity }) => quantity === 50)
    .map(({ supplier, part }): [number, number] => [supplier, part]);
  const light = items
    .filter(({ quantity, line }) => quantity === 1 && line === 1)
    .map(({ supplier, mode }): [number, string] => [supplier, mode]);
  const kinds = heavy
    .join(light, { strategy: "shuffle" })
    .map(([, [part, mode]]): [number, string] => [part, mode])
    .join(parts.map(({ key, maker }): [number, string] => [key, maker]))
    .map(([, [mode, maker]]): [[string, string], null] => [[mode, maker], null])
    .countByKey();
  return (await kinds.collect()).map(([key, count]) => [...key, count]);
};

export const otherQueries = {
  unionByNation,
  monthsByPartitions,
  distinctPairs,
  globalOrder,
  groupsOfCustomers,
  withoutOrders,
  wordsOfComments,
  quotedFields,
  manyToMany,
} satisfies Record<string, Query>;
