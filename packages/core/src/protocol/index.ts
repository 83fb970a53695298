export * from "./control.ts";
export * from "./frame.ts";
export * from "./keys.ts";
export * from "./note.ts";
export * from "./observe.ts";
export * from "./relay.ts";
export * from "./rungs.ts";
export * as shape from "./shape.ts";
export { protocolVersion } from "./version.ts";
