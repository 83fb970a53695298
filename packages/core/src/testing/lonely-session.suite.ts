// A session of a worker whose job receives nothing, for fuzzing: what a peer can make it keep.

import { createMailbox } from "../channel/mailbox.ts";
import {
  dataFlag,
  encodePeerHeader,
  mostChunkBytes,
  type PeerHeader,
  peerFrame,
} from "../channel/peer-frame.ts";
import { PeerFrameReader } from "../channel/peer-frame-reader.ts";
import { Session } from "../channel/session.ts";
import type { Clock } from "../env/env.ts";
import type { Link } from "../link/link.ts";
import { valueKind } from "../values/values.ts";
import { chop } from "./mutate.ts";
import type { SeededRandom } from "./seeded-random.ts";

const sessionWindow = { bytes: 4096, messages: 8 };

/**
 * A stream of frames as a peer might send them, whose headers are nearly right: that is what reaches the rules. Each
 * stream has a habit, so that it gets somewhere with it.
 */
export function nearlyRightFrames(random: SeededRandom): Uint8Array {
  const frames: Uint8Array[] = [];
  const habit = random.int(0, 8);
  const seldom = () => random.int(0, 12) === 0;
  let message = 0;
  for (let left = random.int(1, 24); left > 0; left -= 1) {
    const flags = seldom() ? random.int(0, 8) : left % 2 === 0 ? habit : habit | dataFlag.first;
    const payload = new Uint8Array(seldom() ? 0 : random.int(1, 1500));
    const total = seldom() ? random.int(0, 5000) : payload.length;
    const type = seldom() ? random.int(1, 12) : peerFrame.data;
    const header = { type, flags, kind: valueKind.bytes, tag: random.int(0, 3), message, total };
    frames.push(Buffer.concat([encodePeerHeader(header, payload.length), payload]));
    message += seldom() ? random.int(0, 3) : flags & dataFlag.first;
  }
  return Buffer.concat(frames);
}

/** A session whose messages nobody receives: whatever the peer sends, no more than its window may stay here. */
export function feedLonelySession(bytes: Uint8Array, random: SeededRandom): boolean {
  let failure: unknown;
  let kept = 0;
  let announced = 0;
  const mailbox = createMailbox({ peers: 1 });
  const link = silentLink();
  const session = new Session({
    rank: 1,
    link,
    mailbox,
    window: sessionWindow,
    mostMessageBytes: 4096,
    clock: stillClock,
    onEnd: () => undefined,
  });
  const place = (header: PeerHeader) => session.place(header);
  const frame = (header: PeerHeader) => {
    session.frame(header);
    if (header.type !== peerFrame.data) return;
    kept += header.payloadBytes;
    announced += header.flags & dataFlag.first;
  };
  const reader = new PeerFrameReader({ place, frame }, (error) => {
    failure = error;
  });
  for (const piece of chop(bytes, random)) reader.push(piece);
  session.close();
  if (kept > sessionWindow.bytes) throw new Error(`${kept} bytes were kept for nobody`);
  if (announced > sessionWindow.messages) throw new Error(`${announced} messages were kept for nobody`);
  if (failure !== undefined) throw failure;
  return true;
}

const silentLink = (): Link => ({
  path: "direct",
  chunkBytes: mostChunkBytes,
  writable: true,
  write() {},
  attach() {},
  close() {},
  destroy() {},
});

const stillClock: Clock = { now: () => 0, setTimer: () => ({ cancel() {} }) };
