export { fileOutput } from "./file-output.ts";
