// How frames become objects, as data: one object for each frame, or one for all that is written within a moment.

const mib = 1024 * 1024;

export interface Gathering {
  /** What is written within this of each other becomes one object. */
  readonly idleMs: number;
  /** So long the first frame of an object waits at most. */
  readonly mostMs: number;
  /** So much is an object's worth: it waits for no more. */
  readonly enoughBytes: number;
  /** Whether frames to several peers share an object. */
  readonly readers: "one" | "many";
}

export interface Layout {
  /** At most this much payload goes into one frame. */
  readonly chunkBytes: number;
  /** Absent: each frame is an object, and its memory is borrowed until it is written. */
  readonly gathering?: Gathering;
  readonly mostObjectBytes: number;
  /** Requests of a kind at once, from one worker. */
  readonly mostPuts: number;
  readonly mostGets: number;
  /** Senders wait when this much is on its way into the store. */
  readonly mostHeldBytes: number;
  /** What is read ahead of its turn, of all peers together. */
  readonly mostAheadBytes: number;
  /** Removes an object when its reader has it. Only where an object has one reader, and a removal costs little. */
  readonly removesWhenRead: boolean;
}

/**
 * A message to a peer is an object, but for those of many megabytes: several connections carry more than one does.
 * 32 requests at once: each waits tens of milliseconds for its first byte, so fewer would leave the network idle.
 */
export const naive: Layout = {
  chunkBytes: 16 * mib,
  mostObjectBytes: 16 * mib,
  mostPuts: 32,
  mostGets: 32,
  mostHeldBytes: 64 * mib,
  mostAheadBytes: 64 * mib,
  removesWhenRead: false,
};

/**
 * One PUT for many messages to many peers: requests are what object storage charges for, and what it limits. The 3 ms
 * are little beside a PUT's own latency, and a worker that partitions its output writes without such pauses.
 */
export const combined: Layout = {
  chunkBytes: 8 * mib,
  gathering: { idleMs: 3, mostMs: 50, enoughBytes: 8 * mib, readers: "many" },
  mostObjectBytes: 16 * mib,
  mostPuts: 8,
  mostGets: 32,
  mostHeldBytes: 32 * mib,
  mostAheadBytes: 32 * mib,
  removesWhenRead: false,
};

/** A frame's header beside its payload: gathered frames keep theirs. */
const headroomBytes = 64;

/** The layout for a store whose values are shorter. */
export function fitted(layout: Layout, mostBytes: number): Layout {
  const mostObjectBytes = Math.min(layout.mostObjectBytes, mostBytes);
  const { gathering } = layout;
  return {
    ...layout,
    mostObjectBytes,
    chunkBytes: Math.min(layout.chunkBytes, mostObjectBytes - headroomBytes),
    ...(gathering === undefined
      ? {}
      : { gathering: { ...gathering, enoughBytes: Math.min(gathering.enoughBytes, mostObjectBytes) } }),
  };
}
