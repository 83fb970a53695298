import { onTestFinished } from "vitest";
import { describeNetContract } from "./net-contract.suite.ts";
import { createVirtualClock } from "./virtual-clock.ts";
import { createVirtualNetwork } from "./virtual-network.ts";

let port = 20_000;

describeNetContract(
  "the virtual network",
  () => {
    const clock = createVirtualClock();
    const stop = clock.autoAdvance();
    onTestFinished(stop);
    return createVirtualNetwork({ seed: 1, clock }).host({ address: "198.51.100.1" });
  },
  () => {
    port += 1;
    return port;
  },
);
