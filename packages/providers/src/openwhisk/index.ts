export { openwhisk } from "./platform.ts";
