export { openfaas } from "./platform.ts";
