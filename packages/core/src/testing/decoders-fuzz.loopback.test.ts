import { describeDecodersUnderFuzz } from "./decoders-fuzz.suite.ts";

describeDecodersUnderFuzz(1);
