import { describeDecodersUnderFuzz } from "./decoders-fuzz.suite.ts";

// A sample at each change; the whole million runs in the loopback tier.
describeDecodersUnderFuzz(1 / 40);
