// How long each step of a connection may take. All pairs that a worker is connecting share its one processor, so
// each of them adds to the limits of the others.

/** A lost SYN is repeated after 1 s (RFC 6298); a round sees that one too. */
const roundMs = 2_000;
/** Simultaneous open through NATs that answer with RST needs the two dials to cross: re-dial at once for this long. */
export const burstMs = 300;
/** Two round trips of hardly any work; the rest is for a peer whose machine is busy, which this side cannot see. */
const handshakeMs = 8_000;
/** A black hole swallows the probe at once; some packets over 1 Mbit/s take a tenth of a second. */
const probeMs = 6_000;

const perPairMs = { round: 60, handshake: 150, probe: 150 };

/** A busy worker gives its first choice more time before it dials the second one: dials that win nothing cost most. */
export const patience = (load: number): number => 1 + load / 8;

/** `load`: how many pairs this worker is connecting. */
export const roundLimitMs = (load: number): number => roundMs + load * perPairMs.round;
export const handshakeLimitMs = (load: number): number => handshakeMs + load * perPairMs.handshake;
export const probeLimitMs = (load: number): number => probeMs + load * perPairMs.probe;
