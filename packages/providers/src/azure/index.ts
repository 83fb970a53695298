export { azure } from "./platform.ts";
