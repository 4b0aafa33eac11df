import type { BarColumns, CorporateAction, PriceColumns, SeriesInfo } from '../../core/model/market.js';

/**
 * A file of columns: `FXCOLUM1`, then blocks, then a trailer in JSON, its length and the mark again. A block is its
 * number of rows, its checksum, and its columns one after the other as little-endian doubles: ts, volume, then open,
 * high, low and close of the price, and of bid and of ask where the series has both. The trailer comes last, so a file
 * that was cut short has none and is no cache. Encoding and decoding are pure functions on buffers.
 */
export const MARK = Buffer.from('FXCOLUM1', 'latin1');
const BLOCK_HEAD = 16;
const TAIL = 4 + MARK.length;

/** What the trailer says. */
export interface ColumnTrailer {
  readonly version: 1;
  /** Made of the source files and options; another key means another content. */
  readonly key: string;
  readonly info: SeriesInfo;
  readonly rows: number;
  /** Rows in the largest block. */
  readonly blockRows: number;
  readonly blocks: number;
  readonly actions: readonly CorporateAction[];
  /** What the maker wants to keep beside the columns: the hash of its files, notes. */
  readonly extra: Readonly<Record<string, string | number | readonly string[]>>;
}

const CORNERS = ['open', 'high', 'low', 'close'] as const;

/** Doubles of one row. */
export function columnCount(info: SeriesInfo): number {
  return info.side === 'both' ? 14 : 6;
}

function columnsOf(chunk: BarColumns): Float64Array[] {
  const sides = chunk.bid === undefined || chunk.ask === undefined ? [] : [chunk.bid, chunk.ask];
  const corners = [chunk.price, ...sides].flatMap((side) => CORNERS.map((corner) => side[corner]));
  return [chunk.ts, chunk.volume, ...corners];
}

/** One chunk as a block. */
export function encodeBlock(chunk: BarColumns): Buffer {
  const columns = columnsOf(chunk);
  const rows = chunk.length;
  // Every byte is written below; an allocation of its own starts at a multiple of 8.
  const block = Buffer.allocUnsafeSlow(BLOCK_HEAD + columns.length * rows * 8).fill(0, 0, BLOCK_HEAD);
  for (const [i, column] of columns.entries()) {
    const bytes = new Uint8Array(column.buffer, column.byteOffset, rows * 8);
    block.set(bytes, BLOCK_HEAD + i * rows * 8);
  }
  block.writeUInt32LE(rows, 0);
  block.writeUInt32LE(wordSum(block, BLOCK_HEAD), 4);
  return block;
}

/** Bytes of a block with so many rows. */
export function blockSize(rows: number, columns: number): number {
  return BLOCK_HEAD + rows * columns * 8;
}

/** Rows that the head of a block claims. */
export function blockRows(block: Buffer): number {
  return block.readUInt32LE(0);
}

/**
 * The rows of a block as columns over its own bytes (no copy; the bytes must start at a multiple of 8); undefined when
 * it is damaged.
 */
export function decodeBlock(block: Buffer, info: SeriesInfo): BarColumns | undefined {
  const count = columnCount(info);
  if (block.length < BLOCK_HEAD) return undefined;
  const rows = block.readUInt32LE(0);
  if (block.length !== blockSize(rows, count)) return undefined;
  if (block.readUInt32LE(4) !== wordSum(block, BLOCK_HEAD)) return undefined;
  const column = (i: number): Float64Array =>
    new Float64Array(block.buffer, block.byteOffset + BLOCK_HEAD + i * rows * 8, rows);
  const side = (i: number): PriceColumns => ({
    open: column(i),
    high: column(i + 1),
    low: column(i + 2),
    close: column(i + 3),
  });
  const sides = info.side === 'both' ? { bid: side(6), ask: side(10) } : {};
  return { length: rows, ts: column(0), volume: column(1), price: side(2), ...sides };
}

/** The end of the file. */
export function encodeTrailer(trailer: ColumnTrailer): Buffer {
  const json = Buffer.from(JSON.stringify(trailer), 'utf8');
  const end = Buffer.alloc(8);
  end.writeUInt32LE(json.length, 0);
  end.writeUInt32LE(byteSum(json), 4);
  return Buffer.concat([json, end, MARK]);
}

/** Bytes of the trailer, told from the last bytes of a file; undefined when they are not the end of a column file. */
export function trailerSize(end: Buffer): number | undefined {
  if (end.length < TAIL + 4 || !end.subarray(end.length - MARK.length).equals(MARK)) return undefined;
  return end.readUInt32LE(end.length - TAIL - 4) + TAIL + 4;
}

/** The trailer from its bytes (of `trailerSize`); undefined when it is damaged or of another version. */
export function decodeTrailer(bytes: Buffer): ColumnTrailer | undefined {
  const json = bytes.subarray(0, bytes.length - TAIL - 4);
  if (bytes.readUInt32LE(bytes.length - TAIL) !== byteSum(json)) return undefined;
  try {
    const trailer = JSON.parse(json.toString('utf8')) as ColumnTrailer;
    return trailer.version === 1 ? trailer : undefined;
  } catch {
    return undefined;
  }
}

/**
 * 32 bits of the bytes, FNV-1a over words of 32 bits in four lanes that do not wait for each other: made to notice damage,
 * not malice, near the speed of memory. Blocks are whole doubles and start at a multiple of 8 in their buffers.
 */
function wordSum(bytes: Buffer, from: number): number {
  const view = new Uint32Array(bytes.buffer, bytes.byteOffset + from, (bytes.length - from) >>> 2);
  const whole = view.length & ~3;
  let [a, b, c, d] = [0x811c9dc5 | 0, 0x811c9dc6 | 0, 0x811c9dc7 | 0, 0x811c9dc8 | 0];
  for (let i = 0; i < whole; i += 4) {
    a = Math.imul(a ^ (view[i] ?? 0), 0x01000193);
    b = Math.imul(b ^ (view[i + 1] ?? 0), 0x01000193);
    c = Math.imul(c ^ (view[i + 2] ?? 0), 0x01000193);
    d = Math.imul(d ^ (view[i + 3] ?? 0), 0x01000193);
  }
  for (let i = whole; i < view.length; i++) a = Math.imul(a ^ (view[i] ?? 0), 0x01000193);
  return [b, c, d].reduce((hash, lane) => Math.imul(hash ^ lane, 0x01000193), a) >>> 0;
}

/** The same over single bytes, for the trailer. */
function byteSum(bytes: Buffer): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
