// Whether the orchestrator of this container answers: over TLS, or in the clear where it was started so. It asks itself,
// so it does not matter whose certificate that is.
//   node health.mjs [PORT]

import { get as getClear } from "node:http";
import { get as getSecure } from "node:https";

const port = Number(process.argv[2] ?? 7421);
const where = { host: "127.0.0.1", port, path: "/livez", rejectUnauthorized: false, timeout: 4000 };

const ask = (get) =>
  new Promise((resolve) => {
    const request = get(where, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once("timeout", () => request.destroy());
    request.once("error", () => resolve(false));
  });

process.exitCode = (await ask(getSecure)) || (await ask(getClear)) ? 0 : 1;
