export { type AwsPlatformOptions, aws, awsPlatform } from "./platform.ts";
export type { AwsSettings, AwsVpc } from "./settings.ts";
