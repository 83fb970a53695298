// A process that has a job in its ledger, says so, and lives until it is killed.

import { openStoreLedger } from "../store-ledger.ts";

const [, , parent = "", job = ""] = process.argv;
const silent = { debug() {}, info() {}, warn() {}, error() {} };
await openStoreLedger(parent, silent).add({ job, places: ["redis://h:6379/0"], until: 1_000 });
console.log("written");
setInterval(() => {}, 1_000);
