// To be imported before anything else. V8 takes Node's own precompiled modules only from a process whose flags are the
// defaults, and the heap's limit is a flag: with it `net`, `crypto` and `tls` are compiled anew, which takes longer than
// the rest of a worker's start. The limit was taken over when the heap was made, so the flag is set back.

import { setFlagsFromString } from "node:v8";

setFlagsFromString("--max-old-space-size=0");
