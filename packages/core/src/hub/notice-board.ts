// Notices of several stores over one control connection: the first byte says whose a note is.

import { protocolError } from "../errors/errors.ts";
import type { Note } from "../protocol/note.ts";
import type { Notices } from "../store/store.ts";

type Listener = (from: number, note: Uint8Array) => void;

interface Channel {
  listener: Listener | undefined;
  /** Came before anybody listened: a peer may have its route a moment earlier. */
  early: Note[];
}

/** A peer that was routed earlier writes no more than its windows allow; beyond this it is a flood. */
const mostEarlyNotes = 65_536;

export interface NoticeBoard {
  /** Notes with this number, 0 to 255. */
  channel(id: number): Notices;
  /** A note has come. Throws PROTOCOL. */
  take(note: Note): void;
}

export function noticeBoard(send: (note: Note) => void): NoticeBoard {
  const channels = new Map<number, Channel>();
  const channelOf = (id: number): Channel => {
    const known = channels.get(id);
    if (known !== undefined) return known;
    const made: Channel = { listener: undefined, early: [] };
    channels.set(id, made);
    return made;
  };
  return {
    channel: (id) => ({
      send(peer, note) {
        const bytes = new Uint8Array(1 + note.length);
        bytes[0] = id;
        bytes.set(note, 1);
        send({ rank: peer, bytes });
      },
      onNote(listener) {
        const channel = channelOf(id);
        channel.listener = listener;
        for (const { rank, bytes } of channel.early.splice(0)) listener(rank, bytes);
      },
    }),
    take({ rank, bytes }) {
      const id = bytes[0];
      if (id === undefined) throw protocolError("a note that is empty");
      const channel = channelOf(id);
      const note = bytes.subarray(1);
      if (channel.listener !== undefined) return channel.listener(rank, note);
      if (channel.early.length >= mostEarlyNotes) throw protocolError("notes for nobody");
      channel.early.push({ rank, bytes: note });
    },
  };
}
