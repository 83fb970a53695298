export { ibm } from "./platform.ts";
