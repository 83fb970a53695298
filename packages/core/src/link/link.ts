// A way for the frames of one pair: a direct socket, or the relay. A link knows nothing of messages.

import type { PeerFrameSink } from "../channel/peer-frame-reader.ts";
import type { PathName } from "../protocol/rungs.ts";

export interface LinkEvents {
  /** The link takes data again after `write` returned false. */
  onDrain(): void;
  /** The link is gone; without an error, because the other side or we ended it in order. Called once. */
  onClose(error: Error | undefined): void;
}

export interface Link {
  readonly path: PathName;
  /** At most this much payload goes into one frame. */
  readonly chunkBytes: number;
  /** False when the link has enough to do: wait for `onDrain`. */
  readonly writable: boolean;
  /**
   * Hands a frame over. `payload`'s memory must not change until `released` is called; without `released` it must
   * never change.
   */
  write(header: Uint8Array, payload?: Uint8Array, released?: () => void): void;
  /** Frames and events go here from now on. */
  attach(sink: PeerFrameSink, events: LinkEvents): void;
  /** Ends in order: what was written is delivered. May be called twice. */
  close(): void;
  /** Ends at once. May be called twice. */
  destroy(error?: Error): void;
}
