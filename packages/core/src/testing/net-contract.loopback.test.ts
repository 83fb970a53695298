import { randomInt } from "node:crypto";
import { nodeNet } from "../env/node-env.ts";
import { describeNetContract } from "./net-contract.suite.ts";

// Below the ports that Linux assigns by itself, at a random place: two runs on one machine do not meet.
let port = randomInt(12_000, 31_000);

describeNetContract(
  "the kernel's network",
  () => nodeNet,
  () => {
    port += 1;
    return port;
  },
);
