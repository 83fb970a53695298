// The worker's end of its control connection: messages and blobs, both ways.

import type { Socket } from "../env/env.ts";
import { FnmeshError } from "../errors/errors.ts";
import {
  type Blob,
  decodeOrchestratorMessage,
  encodeBlob,
  encodeControlNote,
  encodeMessage,
  mostControlFrameBytes,
  type OrchestratorMessage,
  readControlFrame,
  type WorkerMessage,
} from "../protocol/control.ts";
import type { Note } from "../protocol/note.ts";
import { frameSocket } from "./frame-socket.ts";

export interface ControlEvents {
  onMessage(message: OrchestratorMessage): void;
  onBlob(blob: Blob): void;
  onNote(note: Note): void;
  /** Called once. */
  onClose(error: FnmeshError): void;
}

export interface ControlClient {
  /** Throws LIMIT when the message is too large. */
  send(message: WorkerMessage): void;
  /** Resolves when there is room for more. */
  sendBlob(blob: Blob): Promise<void>;
  /** Throws LIMIT when it is too long. */
  sendNote(note: Note): void;
  close(): void;
  destroy(): void;
}

export function controlClient(socket: Socket, events: ControlEvents): ControlClient {
  const frames = frameSocket(socket, mostControlFrameBytes, {
    onFrame(frame) {
      const content = readControlFrame(frame, decodeOrchestratorMessage);
      if ("blob" in content) events.onBlob(content.blob);
      else if ("note" in content) events.onNote(content.note);
      else if (content.message.type === "ping")
        frames.write(encodeMessage({ type: "pong", id: content.message.id }));
      else events.onMessage(content.message);
    },
    onDrain() {},
    onClose(error) {
      events.onClose(
        error ?? new FnmeshError("ORCHESTRATOR_UNAVAILABLE", "the orchestrator closed the connection"),
      );
    },
  });
  return {
    send: (message) => void frames.write(encodeMessage(message)),
    async sendBlob(blob) {
      if (!frames.write(encodeBlob(blob))) await frames.drained();
    },
    sendNote: (note) => void frames.write(encodeControlNote(note)),
    close: () => frames.close(),
    destroy: () => frames.destroy(),
  };
}
