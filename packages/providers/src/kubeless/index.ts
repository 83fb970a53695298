export { kubeless } from "./platform.ts";
