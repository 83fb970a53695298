// What servers cost, and bytes over borders that are paid for.

import type { Price, Prices } from "../price.ts";

const ec2: Price = { amount: 0.096, seen: "2026", source: "EC2 on demand, us-east-1, m5.large" };

/** The orchestrator, relays, and the public address that each of them needs. */
export const ec2Servers: Prices = {
  orchestrator: ec2,
  relay: ec2,
  address: {
    amount: 0.005,
    seen: "2024-02",
    source: "AWS: public IPv4 addresses are charged from February 2024 on",
  },
};

/** Each byte through a relay crosses the public address of an EC2 server twice: in, and out again. */
const eachWay = 0.01;
const transferPost =
  "AWS Partner Network blog on data transfer charges: EC2 by public address, 0.01 each way";

export const awsTraffic: Prices = {
  "relay-traffic": { amount: 2 * eachWay, seen: "2021", source: `${transferPost}; in and out` },
  "zone-traffic": { amount: 2 * eachWay, seen: "2021", source: `${transferPost}, and across zones` },
  "direct-traffic": {
    amount: 0,
    seen: "2023",
    source: "Lambda's price page: transfer is charged from outside of the function's region only",
    recalled: true,
  },
};

const standIn = ({ source, ...price }: Price): Price => ({
  ...price,
  source: `stands in, for want of the platform's own: ${source}`,
});

/** Amazon's figures on another platform's bill: its own are not in the table. */
export const standingIn = (prices: Prices): Prices =>
  Object.fromEntries(Object.entries(prices).map(([item, price]) => [item, standIn(price)]));
