// A message to oneself: no network, but the same order and the same copies as from anybody else.

import type { Incoming, Mailbox } from "../channel/mailbox.ts";
import type { Outgoing } from "../channel/outbound.ts";
import { valueKind } from "../values/values.ts";

export function sendToSelf(mailbox: Mailbox, rank: number, message: Outgoing): Promise<void> {
  const { tag, kind, borrowed } = message;
  const bytes = borrowed ? Uint8Array.from(message.bytes) : message.bytes;
  const incoming: Incoming = { from: rank, tag, kind, whole: true, onMatched() {}, take: () => bytes };
  mailbox.begin(incoming, kind >= valueKind.streamChunk ? "stream" : "message");
  return Promise.resolve();
}
