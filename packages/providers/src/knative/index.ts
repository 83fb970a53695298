export { knative } from "./platform.ts";
