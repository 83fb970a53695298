// What can be paid for, and what a price is. The order of this table is the order of lines in a cost, and of rows in
// `fnmesh prices`.

interface Item {
  /** What one of it is, as a cost's lines count it. */
  readonly unit: string;
  /** A price's amount is for so many of the unit: the way in which platforms quote it. */
  readonly per: number;
  readonly quoted: string;
  readonly group: CostGroup;
}

/** What a person wants to see apart from each other. */
export const costGroups = ["compute", "requests", "storage", "servers", "traffic"] as const;
export type CostGroup = (typeof costGroups)[number];

/** Platforms quote storage by the month, of so many hours. */
const hoursPerMonth = 730;

const requests: Item = { unit: "request", per: 1000, quoted: "1,000 requests", group: "requests" };
const gigabytes = (group: CostGroup): Item => ({ unit: "GB", per: 1, quoted: "GB", group });
const gigabyteHours: Item = { unit: "GB-h", per: 1, quoted: "GB-hour", group: "storage" };
const hours: Item = { unit: "h", per: 1, quoted: "hour", group: "servers" };
const units: Item = { unit: "ECPU", per: 1_000_000, quoted: "million ECPU", group: "requests" };

export const items = {
  compute: { unit: "GB-s", per: 1, quoted: "GB-second", group: "compute" },
  "compute-cpu": { unit: "vCPU-s", per: 1, quoted: "vCPU-second", group: "compute" },
  invocations: { unit: "invocation", per: 1_000_000, quoted: "million invocations", group: "compute" },
  "s3-put": requests,
  "s3-list": requests,
  "s3-get": requests,
  "s3-delete": requests,
  "s3-written": gigabytes("requests"),
  "s3-read": gigabytes("requests"),
  "s3-stored": { unit: "GB-h", per: hoursPerMonth, quoted: "GB-month", group: "storage" },
  "redis-node": hours,
  "redis-units": units,
  "redis-stored": gigabyteHours,
  "memcached-node": hours,
  "memcached-units": units,
  "memcached-stored": gigabyteHours,
  orchestrator: hours,
  relay: hours,
  address: hours,
  "relay-traffic": gigabytes("traffic"),
  "zone-traffic": gigabytes("traffic"),
  "direct-traffic": gigabytes("traffic"),
} as const satisfies Record<string, Item>;

export type ItemName = keyof typeof items;
export const itemNames = Object.keys(items) as readonly ItemName[];

export interface Price {
  /** For as much as the item's `quoted` says, in the table's currency. */
  readonly amount: number;
  /** When the source said so: a year, a month or a day. `given`: the user's own. */
  readonly seen: string;
  /** Whose word it is. */
  readonly source: string;
  /** From memory: to be checked before anything is published on it. */
  readonly recalled?: true;
}

export type Prices = Readonly<Partial<Record<ItemName, Price>>>;

/** The price of one unit. Digits that only a float's error would make are cut. */
export const unitPriceOf = (item: ItemName, { amount }: Price): number =>
  Number((amount / items[item].per).toPrecision(15));
