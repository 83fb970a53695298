export { google } from "./platform.ts";
