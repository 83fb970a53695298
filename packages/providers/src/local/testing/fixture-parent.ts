// A process that starts one worker which blocks its event loop, and says its process id: the test then kills this
// process, and the worker must go too.

import { localProvider } from "../local-provider.ts";
import { launchRequest } from "./launch-request.ts";

const [, , entry, noDeathSignal] = process.argv;
// Without a PATH there is no setpriv: the worker must look after its parent itself.
if (noDeathSignal) process.env.PATH = "/nonexistent";
const provider = localProvider({ entry: entry!, onStdout: (_rank, line) => console.log(line) });
await provider.launch(launchRequest("says started, then blocks the loop"));
