// TPC-H's tables as its dbgen makes them, a line a row: the same columns, the same sizes and distributions, the same
// relations between them. All but two are separated by `|` and have no header; customers are a file of comma-separated
// values with quotes, and nations are JSON lines, so that each of fnmesh's sources is read.

import { createRandom, type Random } from "./random.ts";
import {
  comment,
  container,
  dateText,
  dayOf,
  nations,
  partType,
  phone,
  priorities,
  regions,
  retailPrice,
  segments,
  shipInstructions,
  shipModes,
} from "./values.ts";

/** How many rows there are for a scale factor of 1, which is about 1 GB. */
const rowsOf = { supplier: 10_000, part: 200_000, customer: 150_000, order: 1_500_000 } as const;

interface Sizes {
  readonly suppliers: number;
  readonly parts: number;
  readonly customers: number;
  readonly orders: number;
}

export const sizesOf = (scale: number): Sizes => ({
  suppliers: Math.ceil(rowsOf.supplier * scale),
  parts: Math.ceil(rowsOf.part * scale),
  customers: Math.ceil(rowsOf.customer * scale),
  orders: Math.ceil(rowsOf.order * scale),
});

const line = (...values: readonly (string | number)[]): string => `${values.join("|")}|\n`;
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const money = (value: number): string => value.toFixed(2);

export function* nationLines(): Generator<string> {
  for (const [key, [name, region]] of nations.entries())
    yield `${JSON.stringify({ key, name, region: { key: region, name: regions[region] } })}\n`;
}

export function* supplierLines({ suppliers }: Sizes, seed: number): Generator<string> {
  const random = createRandom(seed);
  for (let key = 1; key <= suppliers; key += 1) {
    const nation = random.whole(0, 24);
    const name = `Supplier#${String(key).padStart(9, "0")}`;
    yield line(
      key,
      name,
      nation,
      phone(random, nation),
      money(random.hundredths(-999, 9999)),
      comment(random, 100),
    );
  }
}

export function* partLines({ parts }: Sizes, seed: number): Generator<string> {
  const random = createRandom(seed);
  for (let key = 1; key <= parts; key += 1) {
    const maker = random.whole(1, 5);
    const brand = `Brand#${maker}${random.whole(1, 5)}`;
    const about = [partType(random), random.whole(1, 50), container(random)] as const;
    yield line(key, `Manufacturer#${maker}`, brand, ...about, money(retailPrice(key)), comment(random, 22));
  }
}

/** Comma-separated, with a header; names and comments hold commas and quotes. */
export function* customerLines({ customers }: Sizes, seed: number): Generator<string> {
  const random = createRandom(seed);
  yield "custkey,name,nationkey,phone,acctbal,mktsegment,comment\n";
  for (let key = 1; key <= customers; key += 1) {
    const nation = random.whole(0, 24);
    const words = comment(random, 116);
    const said = random.chance(0.3) ? `${words}, "${random.oneOf(segments)}"` : words;
    const balance = money(random.hundredths(-999, 9999));
    const segment = random.oneOf(segments);
    yield `${key},${quoted(`Customer, #${key}`)},${nation},${phone(random, nation)},${balance},${segment},${quoted(said)}\n`;
  }
}

/** An order with its lines, as they belong to each other. */
export interface OrderLines {
  readonly order: string;
  readonly items: string;
}

const lastOrderDay = dayOf(1998, 8, 2);
const today = dayOf(1995, 6, 17);

/** Eight keys of each 32 are used. */
const sparseKey = (index: number): number => Math.floor(index / 8) * 32 + (index % 8) + 1;

/** A third of all customers has no orders. */
function buyer(random: Random, customers: number): number {
  const key = random.whole(1, customers);
  return key % 3 === 0 && customers > 3 ? key - random.whole(1, 2) : key;
}

export function* orderLines(sizes: Sizes, seed: number): Generator<OrderLines> {
  const random = createRandom(seed);
  for (let index = 0; index < sizes.orders; index += 1) {
    const key = sparseKey(index);
    const day = random.whole(0, lastOrderDay);
    const customer = buyer(random, sizes.customers);
    let [items, total, open] = ["", 0, 0];
    const count = random.whole(1, 7);
    for (let number = 1; number <= count; number += 1) {
      const item = itemOf(random, sizes, { key, number, day });
      items += item.line;
      total += item.charge;
      open += Number(item.isOpen);
    }
    const status = open === 0 ? "F" : open === count ? "O" : "P";
    const clerk = `Clerk#${String(random.whole(1, Math.max(1, sizes.orders / 1500))).padStart(9, "0")}`;
    const about = [dateText(day), random.oneOf(priorities), clerk, 0, comment(random, 78)] as const;
    yield { order: line(key, customer, status, money(total), ...about), items };
  }
}

function itemOf(
  random: Random,
  { parts, suppliers }: Sizes,
  of: { key: number; number: number; day: number },
) {
  const part = random.whole(1, parts);
  const supplier =
    ((part + random.whole(0, 3) * (Math.floor(suppliers / 4) + Math.floor((part - 1) / suppliers))) %
      suppliers) +
    1;
  const quantity = random.whole(1, 50);
  const price = (quantity * Math.round(retailPrice(part) * 100)) / 100;
  const [discount, tax] = [random.whole(0, 10) / 100, random.whole(0, 8) / 100];
  const shipped = of.day + random.whole(1, 121);
  const committed = of.day + random.whole(30, 90);
  const received = shipped + random.whole(1, 30);
  const isOpen = shipped > today;
  const flags = [received <= today ? random.oneOf(["R", "A"]) : "N", isOpen ? "O" : "F"] as const;
  const dates = [dateText(shipped), dateText(committed), dateText(received)] as const;
  const way = [random.oneOf(shipInstructions), random.oneOf(shipModes), comment(random, 43)] as const;
  const numbers = [quantity, money(price), discount.toFixed(2), tax.toFixed(2)] as const;
  return {
    line: line(of.key, part, supplier, of.number, ...numbers, ...flags, ...dates, ...way),
    charge: price * (1 + tax) * (1 - discount),
    isOpen,
  };
}
