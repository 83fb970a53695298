// TPC-H's queries (TPC-H 3.0, section 2.4) with the parameters that it validates by, as datasets. Where a query of it
// needs a table that is not there, the same is asked of what is.

import type { Query } from "./cached-tables.ts";

const yearOf = (date: string): number => Number(date.slice(0, 4));
const add = (left: number, right: number): number => left + right;

/** Pricing summary report. */
const q1: Query = async ({ items }) => {
  const sums = items
    .filter(({ shipped }) => shipped <= "1998-09-02")
    .keyBy(({ returned, status }) => [returned, status] as const)
    .aggregateByKey({
      zero: () => ({ quantity: 0, base: 0, discounted: 0, charged: 0, discount: 0, count: 0 }),
      add(sum, { quantity, price, discount, tax }) {
        sum.quantity += quantity;
        sum.base += price;
        sum.discounted += price * (1 - discount);
        sum.charged += price * (1 - discount) * (1 + tax);
        sum.discount += discount;
        sum.count += 1;
        return sum;
      },
      combine: (left, right) => ({
        quantity: left.quantity + right.quantity,
        base: left.base + right.base,
        discounted: left.discounted + right.discounted,
        charged: left.charged + right.charged,
        discount: left.discount + right.discount,
        count: left.count + right.count,
      }),
    })
    .sortBy(([key]) => key);
  return (await sums.collect()).map(([[returned, status], sum]) => [
    ...[returned, status, sum.quantity, sum.base, sum.discounted, sum.charged],
    ...[sum.quantity / sum.count, sum.base / sum.count, sum.discount / sum.count, sum.count],
  ]);
};

/** Shipping priority. */
const q3: Query = async ({ customers, orders, items }) => {
  const building = customers
    .filter(({ mktsegment }) => mktsegment === "BUILDING")
    .map(({ custkey }): [number, true] => [custkey, true]);
  const open = orders
    .filter(({ day }) => day < "1995-03-15")
    .keyBy(({ customer }) => customer)
    .join(building)
    .map(([, [{ key, day, shipPriority }]]): [number, [string, number]] => [key, [day, shipPriority]]);
  const revenues = items
    .filter(({ shipped }) => shipped > "1995-03-15")
    .map(({ order, price, discount }): [number, number] => [order, price * (1 - discount)])
    .join(open, { strategy: "shuffle" })
    .map(([order, [revenue, about]]): [[number, string, number], number] => [[order, ...about], revenue])
    .reduceByKey(add);
  const best = await revenues.top(10, ([, revenue]) => revenue);
  return best.map(([[order, day, shipPriority], revenue]) => [order, revenue, day, shipPriority]);
};

/** Order priority checking: orders of a quarter of which an item came late. */
const q4: Query = async ({ orders, items }) => {
  const late = items
    .filter(({ committed, received }) => committed < received)
    .map(({ order }) => order)
    .distinct()
    .map((order): [number, true] => [order, true]);
  const counts = orders
    .filter(({ date }) => date >= new Date("1993-07-01") && date < new Date("1993-10-01"))
    .map(({ key, priority }): [number, string] => [key, priority])
    .join(late)
    .map(([, [priority]]) => priority)
    .countByValue()
    .sortBy(([priority]) => priority);
  return await counts.collect();
};

/** Local supplier volume: sales within one nation of Asia, in a year. */
const q5: Query = async ({ customers, orders, items, suppliers, nations }) => {
  const asian = nations
    .filter(({ region }) => region.name === "ASIA")
    .map(({ key, name }): [number, string] => [key, name]);
  const sellers = suppliers
    .map(({ nation, key }): [number, number] => [nation, key])
    .join(asian)
    .map(([nation, [key, name]]): [number, [number, string]] => [key, [nation, name]]);
  const buyers = customers.map(({ custkey, nationkey }): [number, number] => [custkey, nationkey]);
  const bought = orders
    .filter(({ day }) => yearOf(day) === 1994)
    .map(({ customer, key }): [number, number] => [customer, key])
    .join(buyers, { strategy: "broadcast" })
    .map(([, [order, nation]]): [number, number] => [order, nation]);
  const volumes = items
    .map(({ order, supplier, price, discount }): [number, [number, number]] => [
      order,
      [supplier, price * (1 - discount)],
    ])
    .join(bought)
    .map(([, [[supplier, revenue], nation]]): [number, [number, number]] => [supplier, [revenue, nation]])
    .join(sellers)
    .filter(([, [[, buyer], [seller]]]) => buyer === seller)
    .map(([, [[revenue], [, name]]]): [string, number] => [name, revenue])
    .reduceByKey(add)
    .sortBy(([, revenue]) => revenue, { descending: true });
  return await volumes.collect();
};

/** Forecasting revenue change. */
const q6: Query = async ({ items }) => {
  const revenue = await items
    .filter(({ shipped }) => yearOf(shipped) === 1994)
    .filter(({ discount, quantity }) => discount >= 0.05 && discount <= 0.07 && quantity < 24)
    .map(({ price, discount }) => price * discount)
    .reduce(add);
  return [[revenue]];
};

/** Returned item reporting. */
const q10: Query = async ({ customers, orders, items, nations }) => {
  const named = nations.map(({ key, name }): [number, string] => [key, name]);
  const buyers = customers.keyBy(({ nationkey }) => nationkey).join(named);
  const ordered = orders
    .filter(({ day }) => day >= "1993-10-01" && day < "1994-01-01")
    .map(({ key, customer }): [number, number] => [key, customer]);
  const lost = items
    .filter(({ returned }) => returned === "R")
    .map(({ order, price, discount }): [number, number] => [order, price * (1 - discount)])
    .join(ordered)
    .map(([, [revenue, customer]]): [number, number] => [customer, revenue])
    .reduceByKey(add)
    .join(
      buyers.map(([, [buyer, nation]]): [number, string[]] => [
        buyer.custkey,
        [buyer.name, buyer.comment, nation],
      ]),
    );
  const worst = await lost.top(20, ([, [revenue]]) => revenue);
  return worst.map(([customer, [revenue, about]]) => [customer, revenue, ...about]);
};

/** Shipping modes and order priority. */
const q12: Query = async ({ orders, items }) => {
  const late = items
    .filter(({ mode }) => mode === "MAIL" || mode === "SHIP")
    .filter(({ shipped, committed, received }) => committed < received && shipped < committed)
    .filter(({ received }) => yearOf(received) === 1994)
    .map(({ order, mode }): [number, string] => [order, mode]);
  const counts = orders
    .map(({ key, priority }): [number, string] => [key, priority])
    .join(late)
    .map(([, [priority, mode]]): [string, boolean] => [mode, /^[12]-/.test(priority)])
    .aggregateByKey<string, boolean, readonly [number, number]>({
      zero: () => [0, 0],
      add: ([high, low], isHigh) => (isHigh ? [high + 1, low] : [high, low + 1]),
      combine: (left, right) => [left[0] + right[0], left[1] + right[1]],
    })
    .sortBy(([mode]) => mode);
  return (await counts.collect()).map(([mode, sums]) => [mode, ...sums]);
};

/** Customer distribution: how many customers have how many orders, none too. */
const q13: Query = async ({ customers, orders }) => {
  const plain = orders
    .filter(({ comment }) => !/special.*requests/.test(comment))
    .map(({ customer, key }): [number, number] => [customer, key]);
  const counts = customers
    .map(({ custkey }): [number, null] => [custkey, null])
    .leftJoin(plain)
    .map(([customer, [, order]]): [number, number] => [customer, order === undefined ? 0 : 1])
    .reduceByKey(add)
    .map(([, count]) => count)
    .countByValue()
    .sortBy(([count, customers]) => [customers, count], { descending: true });
  return await counts.collect();
};

/** Promotion effect: per cent of a month's revenue. */
const q14: Query = async ({ items, parts }) => {
  const [promoted, all] = (await items
    .filter(({ shipped }) => shipped.startsWith("1995-09-"))
    .map(({ part, price, discount }): [number, number] => [part, price * (1 - discount)])
    .join(parts.map(({ key, type }): [number, string] => [key, type]))
    .map(([, [revenue, type]]) => [type.startsWith("PROMO") ? revenue : 0, revenue] as const)
    .reduce((left, right) => [left[0] + right[0], left[1] + right[1]])) ?? [0, 0];
  return [[(100 * promoted) / all]];
};

/** Large volume customers: the dearest orders of more than 250 pieces. */
const q18: Query = async ({ customers, orders, items }) => {
  const large = items
    .map(({ order, quantity }): [number, number] => [order, quantity])
    .groupByKey()
    .mapValues((quantities) => quantities.reduce(add, 0))
    .filter(([, quantity]) => quantity > 250);
  const found = orders
    .keyBy(({ key }) => key)
    .join(large)
    .map(([, [order, quantity]]): [number, [number, string, number, number]] => [
      order.customer,
      [order.key, order.day, order.total, quantity],
    ])
    .join(customers.map(({ custkey, name }): [number, string] => [custkey, name]))
    .sortBy(([, [[, day, total]]]) => [-total, day]);
  return (await found.take(100)).map(([customer, [order, name]]) => [name, customer, ...order]);
};

/** Discounted revenue. */
const q19: Query = async ({ items, parts }) => {
  const kinds = [
    { brand: "Brand#12", box: /^SM (CASE|BOX|PACK|PKG)$/, least: 1, size: 5 },
    { brand: "Brand#23", box: /^MED (BAG|BOX|PKG|PACK)$/, least: 10, size: 10 },
    { brand: "Brand#34", box: /^LG (CASE|BOX|PACK|PKG)$/, least: 20, size: 15 },
  ];
  const revenue = await items
    .filter(({ mode, instruction }) => /^(REG )?AIR$/.test(mode) && instruction === "DELIVER IN PERSON")
    .keyBy(({ part }) => part)
    .join(parts.keyBy(({ key }) => key))
    .filter(([, [{ quantity }, part]]) =>
      kinds.some(
        ({ brand, box, least, size }) =>
          part.brand === brand &&
          box.test(part.container) &&
          quantity >= least &&
          quantity <= least + 10 &&
          part.size <= size,
      ),
    )
    .map(([, [{ price, discount }]]) => price * (1 - discount))
    .reduce(add);
  return [[revenue ?? null]];
};

export const tpchQueries = { q1, q3, q4, q5, q6, q10, q12, q13, q14, q18, q19 } satisfies Record<
  string,
  Query
>;
