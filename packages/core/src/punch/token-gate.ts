// The door of a worker's listener: whoever dials it must show the token of a pair first. Silence, rubbish and
// strangers are turned away after a short while, and few of them can wait at once.

import type { Clock, Socket, Timer } from "../env/env.ts";
import { pairTokenBytes } from "../protocol/keys.ts";

export interface TokenGateOptions<Pair> {
  readonly clock: Clock;
  /** The pair with this token, if it has been introduced yet. */
  readonly find: (token: Uint8Array) => Pair | undefined;
}

const tokenLimitMs = 3_000;
/** A dialler may be introduced a moment before this side is. */
const lookAgainMs = 20;

/** Why somebody is not let in; who leaves before showing anything was probably in a race with a better path. */
export type Refusal = "no token in time" | "an unknown token" | "left";

/** Who is at the door. The socket is not closed here. */
export function awaitToken<Pair>(
  socket: Socket,
  { clock, find }: TokenGateOptions<Pair>,
): Promise<{ readonly pair: Pair } | { readonly refused: Refusal }> {
  return new Promise((resolve) => {
    let token: Uint8Array | null = null;
    let again: Timer | undefined;
    const deadline = clock.setTimer(tokenLimitMs, () =>
      settle({ refused: token === null ? "no token in time" : "an unknown token" }),
    );
    const settle = (visitor: { readonly pair: Pair } | { readonly refused: Refusal }) => {
      deadline.cancel();
      again?.cancel();
      socket.off("readable", read);
      socket.off("close", gone);
      resolve(visitor);
    };
    const look = () => {
      const pair = find(token!);
      if (pair !== undefined) settle({ pair });
      else again = clock.setTimer(lookAgainMs, look);
    };
    const read = () => {
      token ??= socket.read(pairTokenBytes);
      if (token === null) return;
      socket.off("readable", read);
      look();
    };
    const gone = () => settle({ refused: "left" });
    socket.on("error", () => {}); // `close` follows, and settles it.
    socket.on("close", gone);
    socket.on("readable", read);
  });
}
