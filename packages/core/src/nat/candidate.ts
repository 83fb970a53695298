// An address to try, in the words of RFC 8445 (ICE) and RFC 6544 (ICE over TCP).

import type { Endpoint } from "../env/env.ts";

export type CandidateType = "host" | "srflx";

/** `so`: both sides dial at the same moment. `passive`: the owner listens, the other side dials. */
export type TcpType = "so" | "passive";

export interface Candidate extends Endpoint {
  readonly type: CandidateType;
  readonly tcpType: TcpType;
}
