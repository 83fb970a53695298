import { channelContract } from "./contract.suite.ts";

channelContract("relay", { path: "relay", ways: () => ({ channel: "relay" }) });
