// What the columns of TPC-H's tables are made of (TPC-H 3.0, section 4.2): lists of words, dates and prices.

import type { Random } from "./random.ts";

export const segments = ["AUTOMOBILE", "BUILDING", "FURNITURE", "HOUSEHOLD", "MACHINERY"];
export const priorities = ["1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW"];
export const shipModes = ["REG AIR", "AIR", "RAIL", "SHIP", "TRUCK", "MAIL", "FOB"];
export const shipInstructions = ["DELIVER IN PERSON", "COLLECT COD", "NONE", "TAKE BACK RETURN"];
export const regions = ["AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST"];

/** Each with its region's place in `regions`. */
export const nations: readonly (readonly [name: string, region: number])[] = [
  ...([
    ["ALGERIA", 0],
    ["ARGENTINA", 1],
    ["BRAZIL", 1],
    ["CANADA", 1],
    ["EGYPT", 4],
  ] as const),
  ...([
    ["ETHIOPIA", 0],
    ["FRANCE", 3],
    ["GERMANY", 3],
    ["INDIA", 2],
    ["INDONESIA", 2],
  ] as const),
  ...([
    ["IRAN", 4],
    ["IRAQ", 4],
    ["JAPAN", 2],
    ["JORDAN", 4],
    ["KENYA", 0],
  ] as const),
  ...([
    ["MOROCCO", 0],
    ["MOZAMBIQUE", 0],
    ["PERU", 1],
    ["CHINA", 2],
    ["ROMANIA", 3],
  ] as const),
  ...([
    ["SAUDI ARABIA", 4],
    ["VIETNAM", 2],
    ["RUSSIA", 3],
    ["UNITED KINGDOM", 3],
  ] as const),
  ["UNITED STATES", 1],
];

const typeWords = [
  ["STANDARD", "SMALL", "MEDIUM", "LARGE", "ECONOMY", "PROMO"],
  ["ANODIZED", "BURNISHED", "PLATED", "POLISHED", "BRUSHED"],
  ["TIN", "NICKEL", "BRASS", "STEEL", "COPPER"],
];
const containerWords = [
  ["SM", "LG", "MED", "JUMBO", "WRAP"],
  ["CASE", "BOX", "BAG", "JAR", "PKG", "PACK", "CAN", "DRUM"],
];

const several = (random: Random, lists: readonly (readonly string[])[]): string =>
  lists.map((words) => random.oneOf(words)).join(" ");

export const partType = (random: Random): string => several(random, typeWords);
export const container = (random: Random): string => several(random, containerWords);

const nouns = [
  "requests",
  "foxes",
  "deposits",
  "théodolites",
  "pinto beans",
  "Ω-accounts",
  "packages",
  "dugouts",
];
const verbs = [
  "sleep",
  "wake",
  "are",
  "cajole",
  "haggle",
  "nag",
  "use",
  "boost",
  "affix",
  "detect",
  "integrate",
];
const manners = [
  "quickly",
  "carefully",
  "furiously",
  "slyly",
  "blithely",
  "special",
  "ironic",
  "express",
  "final",
];

/** Words up to about `length` characters, some of which are not ASCII. */
export function comment(random: Random, length: number): string {
  const most = random.whole(Math.ceil(length * 0.4), length);
  let text = `${random.oneOf(manners)} ${random.oneOf(nouns)}`;
  while (text.length < most) {
    text += ` ${random.oneOf(verbs)} ${random.oneOf(manners)} ${random.oneOf(nouns)}`;
  }
  return text;
}

const dayMs = 86_400_000;
const texts = new Map<number, string>();

/** The date so many days after the first of all, 1992-01-01, as YYYY-MM-DD. */
export function dateText(day: number): string {
  const known = texts.get(day);
  if (known !== undefined) return known;
  const text = new Date(Date.UTC(1992, 0, 1) + day * dayMs).toISOString().slice(0, 10);
  texts.set(day, text);
  return text;
}

export const dayOf = (year: number, month: number, day: number): number =>
  (Date.UTC(year, month - 1, day) - Date.UTC(1992, 0, 1)) / dayMs;

export const retailPrice = (part: number): number =>
  (90_000 + (Math.floor(part / 10) % 20_001) + 100 * (part % 1_000)) / 100;

/** The first two digits are the nation's. */
export const phone = (random: Random, nation: number): string =>
  `${nation + 10}-${random.whole(100, 999)}-${random.whole(100, 999)}-${random.whole(1000, 9999)}`;
