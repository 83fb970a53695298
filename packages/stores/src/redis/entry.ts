// One entry of an inbox: who sent it, its number among that sender's to this inbox, and whole peer frames.
//
//   0       4         8        12
//   +-------+---------+--------+------------ - -
//   | rank  | attempt | number | frames …          (integers little-endian; numbers count from 1)
//   +-------+---------+--------+------------ - -
//
// An empty entry only makes the key.

export const entryHeadBytes = 12;

export interface EntryHead {
  readonly rank: number;
  readonly attempt: number;
  readonly number: number;
}

export function encodeEntryHead({ rank, attempt, number }: EntryHead): Buffer {
  const bytes = Buffer.allocUnsafe(entryHeadBytes);
  bytes.writeUInt32LE(rank, 0);
  bytes.writeUInt32LE(attempt, 4);
  bytes.writeUInt32LE(number, 8);
  return bytes;
}

export const decodeEntryHead = (bytes: Buffer): EntryHead => ({
  rank: bytes.readUInt32LE(0),
  attempt: bytes.readUInt32LE(4),
  number: bytes.readUInt32LE(8),
});
