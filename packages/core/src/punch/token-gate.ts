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

/** Undefined when no token came in time, or none of this worker's. The socket is not closed here. */
export function awaitToken<Pair>(
  socket: Socket,
  { clock, find }: TokenGateOptions<Pair>,
): Promise<Pair | undefined> {
  return new Promise((resolve) => {
    let token: Uint8Array | null = null;
    let again: Timer | undefined;
    const deadline = clock.setTimer(tokenLimitMs, () => settle(undefined));
    const settle = (pair: Pair | undefined) => {
      deadline.cancel();
      again?.cancel();
      socket.off("readable", read);
      socket.off("close", gone);
      resolve(pair);
    };
    const look = () => {
      const pair = find(token!);
      if (pair !== undefined) settle(pair);
      else again = clock.setTimer(lookAgainMs, look);
    };
    const read = () => {
      token ??= socket.read(pairTokenBytes);
      if (token === null) return;
      socket.off("readable", read);
      look();
    };
    const gone = () => settle(undefined);
    socket.on("error", () => {}); // `close` follows, and settles it.
    socket.on("close", gone);
    socket.on("readable", read);
  });
}
