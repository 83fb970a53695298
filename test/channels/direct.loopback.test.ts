import { channelContract } from "./contract.suite.ts";

channelContract("direct", { path: "direct", ways: () => ({ channel: "direct" }) });
