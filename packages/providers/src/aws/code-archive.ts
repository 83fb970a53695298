// The zip that Lambda takes a function's code in: one file, not compressed, with a fixed date. The same code so gives
// the same bytes, whatever Node or zlib packs it, and its hash tells whether what is deployed is this.
//
//   local header | name | the code | central header | name | end record      (PKWARE APPNOTE 6.3.10, 4.3)

import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

export interface CodeArchive {
  readonly bytes: Uint8Array;
  /** As Lambda tells it: base64. */
  readonly sha256: string;
}

const localBytes = 30;
const centralBytes = 46;
const endBytes = 22;

/** 1980-01-01 00:00, where DOS's time begins. */
const dosDate = (1 << 5) | 1;
/** Version 2.0, which all know; made on Unix, so that the mode counts. */
const version = 20;
const madeOnUnix = (3 << 8) | version;
/** A plain file that all may read: Lambda runs the code as another user. */
const mode = 0o100644;

/** An archive of one file with an ASCII name. */
export function codeArchive(name: string, code: Uint8Array): CodeArchive {
  const path = Buffer.from(name, "ascii");
  const check = crc32(code);
  const local = Buffer.alloc(localBytes);
  local.writeUInt32LE(0x04034b50, 0);
  describe(local, 4, check, code.length, path.length);

  const central = Buffer.alloc(centralBytes);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt16LE(madeOnUnix, 4);
  describe(central, 6, check, code.length, path.length);
  central.writeUInt32LE((mode << 16) >>> 0, 38);

  const end = Buffer.alloc(endBytes);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(centralBytes + path.length, 12);
  end.writeUInt32LE(localBytes + path.length + code.length, 16);

  const bytes = Buffer.concat([local, path, code, central, path, end]);
  return { bytes, sha256: createHash("sha256").update(bytes).digest("base64") };
}

/** What both headers say of the file: version, flags, method, time, date, checksum, sizes, length of the name. */
function describe(header: Buffer, at: number, check: number, size: number, nameLength: number): void {
  header.writeUInt16LE(version, at);
  header.writeUInt16LE(dosDate, at + 8);
  header.writeUInt32LE(check, at + 10);
  header.writeUInt32LE(size, at + 14);
  header.writeUInt32LE(size, at + 18);
  header.writeUInt16LE(nameLength, at + 22);
}
