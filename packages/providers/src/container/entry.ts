// The generic function as a container: what OpenFaaS, Knative, Code Engine and Cloud Run start, and send requests to.

import { serveHttp } from "../kit/http-entry.ts";

/** What Knative's contract and its likes set; OpenFaaS sends to 8080 as well. */
const presetPort = 8080;

serveHttp(Number(process.env.PORT ?? presetPort));
