// One connection to a store's server: bytes out, lines and values in, until it breaks.

import net from "node:net";
import tls from "node:tls";
import type { LineReader } from "./line-reader.ts";

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** More certificates to trust, as PEM. */
  readonly ca: string | undefined;
}

export interface Connection {
  /** One read may bring more than what ended the connection: that is nobody's. */
  readonly closed: boolean;
  /** In order; nothing after `destroy`. The parts' memory is in use until the reply. */
  write(parts: readonly Uint8Array[]): void;
  /** May be called twice. No event comes after it. */
  destroy(): void;
}

/** Small parts are copied together: a system call takes many bytes as easily as few, but not many buffers. */
const smallBytes = 8 * 1024;
const mostGatheredBytes = 64 * 1024;
/** A host that is gone is found in about 15 s: the system asks ten times, a second apart. */
const keepAliveIdleMs = 5_000;

function gather(parts: readonly Uint8Array[]): readonly Uint8Array[] {
  const gathered: Uint8Array[] = [];
  let run: Uint8Array[] = [];
  let runBytes = 0;
  const endRun = () => {
    if (run.length > 0) gathered.push(run.length === 1 ? run[0]! : Buffer.concat(run, runBytes));
    run = [];
    runBytes = 0;
  };
  for (const part of parts) {
    if (part.length > smallBytes || runBytes + part.length > mostGatheredBytes) endRun();
    if (part.length > smallBytes) gathered.push(part);
    else {
      run.push(part);
      runBytes += part.length;
    }
  }
  endRun();
  return gathered;
}

/** Starts to connect; what is written meanwhile waits. `onClose` comes once, also when connecting or reading fails. */
export function openConnection(
  address: ServerAddress,
  reader: LineReader,
  onClose: (error: Error) => void,
): Connection {
  let closed = false;
  const close = (error: Error) => {
    if (closed) return;
    closed = true;
    socket.destroy();
    onClose(error);
  };
  const guard = (act: () => void): boolean => {
    if (closed) return false;
    try {
      act();
    } catch (error) {
      close(error as Error);
    }
    return !closed;
  };
  const socket = connectSocket(address, reader, guard);
  socket.setKeepAlive(true, keepAliveIdleMs);
  socket.on("error", close);
  socket.on("close", () => close(new Error("the connection was closed")));
  return {
    get closed() {
      return closed;
    },
    write(parts) {
      if (closed) return;
      socket.cork();
      for (const part of gather(parts)) socket.write(part);
      socket.uncork();
    },
    destroy() {
      closed = true;
      socket.destroy();
    },
  };
}

function connectSocket(
  { host, port, tls: encrypted, ca }: ServerAddress,
  reader: LineReader,
  guard: (act: () => void) => boolean,
): net.Socket {
  if (!encrypted) {
    // Read into the reader's memory, or where it says that the value goes.
    const onread = {
      buffer: () => reader.nextBuffer(),
      callback: (count: number) => guard(() => reader.advance(count)),
    };
    return net.connect({ host, port, noDelay: true, onread });
  }
  const servername = net.isIP(host) === 0 ? { servername: host } : {};
  const trusted = ca === undefined ? {} : { ca: [...tls.rootCertificates, ca] };
  const socket = tls.connect({ host, port, ...servername, ...trusted });
  socket.setNoDelay(true);
  socket.on("data", (bytes: Buffer) => guard(() => reader.push(bytes)));
  return socket;
}
