// Reads parts of many files through a bounded number of open ones. A file is opened when it is first read, and again
// if it had to make room; every time it must be the file that was planned with.

import { type FileHandle, open } from "node:fs/promises";
import { FnmeshError } from "@fnmesh/core";
import { fileChanged, inputError } from "./input-error.ts";
import { createSlots } from "./slots.ts";

/** A file as it was when the input was planned. */
export interface KnownFile {
  /** As the user named it. */
  readonly name: string;
  readonly path: string;
  readonly size: number;
  readonly modifiedMs: number;
}

export interface FilePool {
  /** Exactly `length` bytes. Rejects with INPUT_NOT_FOUND, INPUT_UNREADABLE or CLOSED. */
  read(file: KnownFile, offset: number, length: number): Promise<Uint8Array>;
  /** Closes the files. May be called twice. */
  close(): Promise<void>;
}

/** Few beside a process's limit of open files; more than are read at once, so that one can always make room. */
const mostOpenFiles = 64;
/** Node reads files in four threads: more at once would only queue there. */
const mostReads = 16;

interface OpenFile {
  readonly known: KnownFile;
  readonly handle: Promise<FileHandle>;
  readers: number;
  /** No longer in use for new readers: closed when the last one is done. */
  retired: boolean;
  /** Resolves when the file is closed. */
  readonly closed: Promise<void>;
  readonly close: () => void;
}

export function createFilePool(mostOpen = mostOpenFiles): FilePool {
  const slots = createSlots(Math.min(mostReads, mostOpen));
  /** By path, least recently used first. */
  const ready = new Map<string, OpenFile>();
  const unclosed = new Set<OpenFile>();
  let closed = false;

  const retire = (file: OpenFile) => {
    file.retired = true;
    if (ready.get(file.known.path) === file) ready.delete(file.known.path);
    if (file.readers === 0) file.close();
  };
  const make = (known: KnownFile): OpenFile => {
    const file = openFile(known);
    unclosed.add(file);
    void file.closed.then(() => unclosed.delete(file));
    return file;
  };
  const acquire = (known: KnownFile): OpenFile => {
    if (closed) throw new FnmeshError("CLOSED", "the job's input is closed");
    const file = ready.get(known.path) ?? make(known);
    file.readers += 1;
    ready.delete(known.path);
    ready.set(known.path, file);
    if (ready.size > mostOpen) retire([...ready.values()].find(({ readers }) => readers === 0)!);
    return file;
  };
  const release = (file: OpenFile) => {
    file.readers -= 1;
    if (file.retired && file.readers === 0) file.close();
  };

  const read = async (known: KnownFile, offset: number, length: number) => {
    const file = acquire(known);
    try {
      return await readExactly(await file.handle, known, offset, length);
    } catch (error) {
      retire(file);
      throw inputError(known.name, error);
    } finally {
      release(file);
    }
  };
  return {
    read: (known, offset, length) => slots.run(() => read(known, offset, length)),
    async close() {
      closed = true;
      for (const file of ready.values()) retire(file);
      await Promise.all([...unclosed].map((file) => file.closed));
    },
  };
}

function openFile(known: KnownFile): OpenFile {
  const handle = openSame(known);
  const { promise: closed, resolve } = withResolvers();
  const close = () => {
    // A file that could not be opened has told its readers so; one that was only read loses nothing at its close.
    handle.then((opened) => opened.close()).then(resolve, () => resolve());
  };
  return { known, handle, readers: 0, retired: false, closed, close };
}

function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

async function openSame(known: KnownFile): Promise<FileHandle> {
  const handle = await open(known.path, "r");
  try {
    const { size, mtimeMs } = await handle.stat();
    if (size !== known.size || mtimeMs !== known.modifiedMs) throw fileChanged(known.name);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function readExactly(handle: FileHandle, known: KnownFile, offset: number, length: number) {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const { bytesRead } = await handle.read(bytes, at, length - at, offset + at);
    if (bytesRead === 0) throw fileChanged(known.name);
    at += bytesRead;
  }
  return bytes;
}
