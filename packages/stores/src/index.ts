export { checkS3Settings } from "./s3/check-settings.ts";
export { s3Keeper } from "./s3/keeper.ts";
export type * from "./settings.ts";
