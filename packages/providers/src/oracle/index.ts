export { oracle } from "./platform.ts";
