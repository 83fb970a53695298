// A zip of a few files, for platforms that take a function's code so: not compressed, with a fixed date, so that the
// same files give the same bytes.
//
//   (local header | name | bytes)* | (central header | name)* | end record      (PKWARE APPNOTE 6.3.10, 4.3)

import { crc32 } from "node:zlib";

const localBytes = 30;
const centralBytes = 46;
const endBytes = 22;
/** 1980-01-01 00:00, where DOS's time begins. */
const dosDate = (1 << 5) | 1;
/** Version 2.0, which all know; made on Unix, so that the mode counts. */
const version = 20;
const madeOnUnix = (3 << 8) | version;
/** A plain file that all may read. */
const mode = 0o100644;

/**
 * By name, in their order; names are ASCII.
 *
 * @example
 * await writeFile("app.zip", zipOf({ "index.js": "…", "package.json": "{}" }));
 */
export function zipOf(files: Readonly<Record<string, string | Uint8Array>>): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let at = 0;
  for (const [name, content] of Object.entries(files)) {
    const path = Buffer.from(name, "ascii");
    const bytes = Buffer.from(content);
    const local = Buffer.alloc(localBytes);
    local.writeUInt32LE(0x04034b50, 0);
    describe(local, 4, bytes, path.length);
    const central = Buffer.alloc(centralBytes);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(madeOnUnix, 4);
    describe(central, 6, bytes, path.length);
    central.writeUInt32LE((mode << 16) >>> 0, 38);
    central.writeUInt32LE(at, 42);
    locals.push(local, path, bytes);
    centrals.push(central, path);
    at += local.length + path.length + bytes.length;
  }
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(endBytes);
  const count = Object.keys(files).length;
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, directory, end]);
}

/** What both headers say of a file: version, flags, method, time, date, checksum, sizes, length of the name. */
function describe(header: Buffer, at: number, bytes: Buffer, nameLength: number): void {
  header.writeUInt16LE(version, at);
  header.writeUInt16LE(dosDate, at + 8);
  header.writeUInt32LE(crc32(bytes), at + 10);
  header.writeUInt32LE(bytes.length, at + 14);
  header.writeUInt32LE(bytes.length, at + 18);
  header.writeUInt16LE(nameLength, at + 22);
}
