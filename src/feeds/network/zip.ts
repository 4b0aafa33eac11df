import { inflateRawSync } from 'node:zlib';

const END_MARK = 0x06054b50;
const ENTRY_MARK = 0x02014b50;
const LOCAL_MARK = 0x04034b50;
const STORED = 0;
const DEFLATED = 8;
/** The end of a zip may carry a comment of this many bytes at most. */
const COMMENT_MAX = 65_535;

/**
 * The one file of a zip archive, as vendors pack their csv. Undefined for what is no zip, is cut short, packed in
 * another way, or larger than `cap` bytes: sizes are checked before and while it is unpacked.
 */
export function onlyFileOf(zip: Buffer, cap: number): Buffer | undefined {
  try {
    const end = endOf(zip);
    if (end === undefined || zip.readUInt16LE(end + 10) !== 1) return undefined;
    const entry = zip.readUInt32LE(end + 16);
    if (zip.readUInt32LE(entry) !== ENTRY_MARK) return undefined;
    const method = zip.readUInt16LE(entry + 10);
    const packedSize = zip.readUInt32LE(entry + 20);
    const size = zip.readUInt32LE(entry + 24);
    const local = zip.readUInt32LE(entry + 42);
    if (size > cap || zip.readUInt32LE(local) !== LOCAL_MARK) return undefined;
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const packed = zip.subarray(start, start + packedSize);
    if (packed.length !== packedSize) return undefined;
    if (method === STORED) return packed;
    if (method !== DEFLATED) return undefined;
    const plain = inflateRawSync(packed, { maxOutputLength: Math.max(1, size) });
    return plain.length === size ? plain : undefined;
  } catch {
    return undefined;
  }
}

function endOf(zip: Buffer): number | undefined {
  for (let at = zip.length - 22; at >= 0 && at >= zip.length - 22 - COMMENT_MAX; at--) {
    if (zip.readUInt32LE(at) === END_MARK) return at;
  }
  return undefined;
}
