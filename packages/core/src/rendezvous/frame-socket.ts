// A secured socket that speaks length-framed messages: the shape of the control and relay connections.

import type { Socket } from "../env/env.ts";
import { FnmeshError, toFnmeshError } from "../errors/errors.ts";
import { type Frame, FrameDecoder } from "../protocol/frame.ts";

export interface FrameSocketEvents {
  /** May throw: the connection ends with that error then. */
  onFrame(frame: Frame): void;
  onDrain(): void;
  /** Called once, also after `close`; without an error when it ended in order. */
  onClose(error: FnmeshError | undefined): void;
}

export interface FrameSocket {
  /** False when the socket has enough to do. What is written after the end is dropped: `onClose` has told. */
  write(frame: Uint8Array): boolean;
  readonly writable: boolean;
  /** Resolves when a blocked socket takes data again, or has ended. */
  drained(): Promise<void>;
  /** Ends in order: what was written is sent. */
  close(): void;
  destroy(error?: FnmeshError): void;
}

export function frameSocket(socket: Socket, mostFrameBytes: number, events: FrameSocketEvents): FrameSocket {
  const decoder = new FrameDecoder(mostFrameBytes);
  let failure: FnmeshError | undefined;
  let waiting: (() => void)[] = [];
  const wake = () => {
    const woken = waiting;
    waiting = [];
    for (const resume of woken) resume();
  };
  const guard = (act: () => void) => {
    try {
      act();
    } catch (error) {
      failure ??= toFnmeshError(error, "PROTOCOL");
      socket.destroy();
    }
  };
  socket.on("data", (chunk: Uint8Array) =>
    guard(() => {
      for (const frame of decoder.push(chunk)) {
        if (failure !== undefined) return;
        events.onFrame(frame);
      }
    }),
  );
  socket.on("end", () => guard(() => decoder.end()));
  socket.on("error", (error) => {
    failure ??= new FnmeshError(
      "ORCHESTRATOR_UNAVAILABLE",
      `the connection to the orchestrator failed: ${error.message}`,
      {
        cause: error,
      },
    );
  });
  socket.on("drain", () => {
    wake();
    events.onDrain();
  });
  socket.on("close", () => {
    wake();
    events.onClose(failure);
  });
  return {
    write: (frame) => !socket.writable || socket.write(frame),
    get writable() {
      return !socket.writableNeedDrain;
    },
    drained: () =>
      socket.writableNeedDrain && !socket.destroyed
        ? new Promise((resolve) => waiting.push(resolve))
        : Promise.resolve(),
    close: () => void socket.end(),
    destroy(error) {
      failure ??= error;
      socket.destroy();
    },
  };
}
