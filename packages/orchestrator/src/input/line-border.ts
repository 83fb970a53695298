// Where the next line begins, found with small reads.

/** Reads at most `length` bytes at `offset`. */
export type ReadAt = (offset: number, length: number) => Promise<Uint8Array>;

/** Most lines end in the first of these; longer ones are looked through in larger steps. */
const firstReadBytes = 4 * 1024;
const nextReadBytes = 256 * 1024;
/** As `mostLook`: no more than one small read, which begins at the byte before. */
export const firstLookBytes = firstReadBytes - 1;
/** Beyond this a line is left whole, unread: cutting is for balance, and not worth a second reading of the input. */
export const mostLookBytes = 16 * 1024 * 1024;

const newline = 10;

/**
 * The first line start at or after `offset`, in a file of `size` bytes; the file's end is one. Undefined when there is
 * none within `mostLook` bytes.
 */
export async function lineStart(
  read: ReadAt,
  offset: number,
  size: number,
  mostLook = mostLookBytes,
): Promise<number | undefined> {
  if (offset <= 0) return 0;
  // The byte before counts too: `offset` itself may be a line's start.
  let at = offset - 1;
  let length = firstReadBytes;
  while (at < size && at - offset < mostLook) {
    const bytes = await read(at, Math.min(length, size - at));
    const found = bytes.indexOf(newline);
    if (found >= 0) return at + found + 1;
    at += bytes.length;
    length = nextReadBytes;
  }
  return at >= size ? size : undefined;
}
