import { createHash } from 'node:crypto';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { BarColumns, CorporateAction } from '../../core/model/market.js';
import type { BarSource } from '../../core/ports/feed.js';
import {
  blockRows,
  blockSize,
  type ColumnTrailer,
  columnCount,
  decodeBlock,
  decodeTrailer,
  encodeBlock,
  encodeTrailer,
  MARK,
  trailerSize,
} from './column-file.js';
import { Pipe } from './pipe.js';

/** Raised when a reader would give other numbers for the same file. */
export const READER_VERSION = 2;
const MARK_SPACE = 16;

/** Writes a file from chunks, whole or not at all: `core/state` does it, this room only reads. */
export type WriteFile = (path: string, chunks: AsyncIterable<Uint8Array>) => Promise<void>;

/** An open column file. */
export interface ColumnFile {
  readonly trailer: ColumnTrailer;
  readonly source: BarSource;
}

/**
 * The key of what is read from files with options: their absolute paths, sizes and times of change, the version of the
 * readers, and the options. A changed file has another key. Undefined when a file cannot be asked.
 */
export async function cacheKey(paths: readonly string[], options: unknown): Promise<string | undefined> {
  const hash = createHash('sha256').update(JSON.stringify([READER_VERSION, options]));
  for (const path of paths) {
    const info = await stat(path).catch(() => undefined);
    if (info === undefined) return undefined;
    hash.update(JSON.stringify([resolve(path), info.size, info.mtimeMs]));
  }
  return hash.digest('hex');
}

/** A column file, checked at its ends; undefined when it is absent, cut short, foreign, or made for another key. */
export async function openColumnFile(path: string, key?: string): Promise<ColumnFile | undefined> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const trailer = await readTrailer(file);
    if (trailer === undefined || (key !== undefined && trailer.key !== key)) return undefined;
    return { trailer, source: { info: trailer.info, chunks: (signal) => readBlocks(path, trailer, signal) } };
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}

async function readTrailer(file: FileHandle): Promise<ColumnTrailer | undefined> {
  const { size } = await file.stat();
  const head = Buffer.alloc(MARK.length);
  await file.read(head, 0, head.length, 0);
  const endSize = Math.min(size, 64);
  const end = Buffer.alloc(endSize);
  await file.read(end, 0, endSize, size - endSize);
  const length = trailerSize(end);
  if (!head.equals(MARK) || length === undefined || length > size) return undefined;
  const bytes = Buffer.alloc(length);
  await file.read(bytes, 0, length, size - length);
  return decodeTrailer(bytes);
}

/** A block was not what its checksum says. */
export class DamagedBlock extends Error {}

async function* readBlocks(
  path: string,
  trailer: ColumnTrailer,
  signal: AbortSignal,
): AsyncGenerator<BarColumns, void, undefined> {
  const { info, actions } = trailer;
  const columns = columnCount(info);
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) throw new DamagedBlock();
  // Two buffers in turn: one is read while the columns over the other are used. Allocations of their own, so that columns
  // of doubles may lie over them.
  const room = blockSize(trailer.blockRows, columns);
  let [buffer, other] = [Buffer.allocUnsafeSlow(room), Buffer.allocUnsafeSlow(room)];
  const read = (into: Buffer, at: number): Promise<number> => {
    const bytes = file.read(into, 0, room, at).then(({ bytesRead }) => bytesRead);
    // Who awaits it hears of a failure; until then it is not one that nobody saw.
    bytes.catch(() => undefined);
    return bytes;
  };
  let ahead = read(buffer, MARK_SPACE);
  try {
    let at = MARK_SPACE;
    let due = 0;
    for (let i = 0; i < trailer.blocks && !signal.aborted; i++) {
      const bytesRead = await ahead;
      const memory = buffer;
      const size = bytesRead >= 4 ? blockSize(blockRows(memory), columns) : 0;
      const chunk = size <= bytesRead ? decodeBlock(memory.subarray(0, size), info) : undefined;
      if (chunk === undefined) throw new DamagedBlock();
      at += size;
      [buffer, other] = [other, buffer];
      if (i + 1 < trailer.blocks) ahead = read(buffer, at);
      const first = due;
      due = firstNotBefore(actions, chunk.ts[chunk.length - 1] ?? Number.NaN, first);
      yield due > first ? { ...chunk, actions: actions.slice(first, due) } : chunk;
    }
  } finally {
    await ahead.catch(() => undefined);
    await file.close();
  }
}

function firstNotBefore(actions: readonly CorporateAction[], ts: number, from: number): number {
  let i = from;
  while (i < actions.length && (actions[i]?.ts ?? Number.NaN) < ts) i++;
  return i;
}

export interface CacheOptions {
  /** Where the columns are kept. */
  readonly path: string;
  /** From `cacheKey`, with the instrument among the options. */
  readonly key: string;
  readonly write: WriteFile;
  /** Asked when all was read, for the trailer: the hash of the files, notes. */
  readonly extra?: () => Promise<ColumnTrailer['extra']>;
}

/**
 * A source that is kept as columns: the first reading passes the bars on while it writes them, later ones take them
 * from the file. A file that is damaged, foreign or out of date is made anew; damage met half-way is made good from the
 * source. A cache that cannot be written is no error: the next run parses again.
 */
export function cachedSource(source: BarSource, options: CacheOptions): BarSource {
  return {
    info: source.info,
    async *chunks(signal) {
      const kept = await openColumnFile(options.path, options.key);
      let given = 0;
      if (kept !== undefined) {
        try {
          for await (const chunk of kept.source.chunks(signal)) {
            given += chunk.length;
            yield chunk;
          }
          return;
        } catch (error) {
          if (!(error instanceof DamagedBlock)) throw error;
        }
      }
      yield* skipRows(writeThrough(source, options, signal), given);
    },
  };
}

/** Rows of the source, which are written as they pass. The file is complete only after the last one. */
export async function* writeThrough(
  source: BarSource,
  options: CacheOptions,
  signal: AbortSignal,
): AsyncGenerator<BarColumns, void, undefined> {
  const pipe = new Pipe<Uint8Array>();
  const written = options.write(options.path, pipe).then(
    () => pipe.stop(),
    () => pipe.stop(),
  );
  const start = Buffer.alloc(MARK_SPACE);
  MARK.copy(start);
  await pipe.push(start);
  const actions: CorporateAction[] = [];
  const size = { rows: 0, blockRows: 0, blocks: 0 };
  let complete = false;
  try {
    for await (const chunk of source.chunks(signal)) {
      await pipe.push(encodeBlock(chunk));
      size.rows += chunk.length;
      size.blockRows = Math.max(size.blockRows, chunk.length);
      size.blocks++;
      actions.push(...(chunk.actions ?? []));
      yield chunk;
    }
    complete = !signal.aborted;
  } finally {
    if (!complete) pipe.fail(new Error('the bars were not read to their end'));
    else {
      const extra = (await options.extra?.()) ?? {};
      await pipe.push(encodeTrailer({ version: 1, key: options.key, info: source.info, ...size, actions, extra }));
      pipe.end();
    }
    await written;
  }
}

/** The chunks without their first `rows` rows. */
async function* skipRows(chunks: AsyncIterable<BarColumns>, rows: number): AsyncGenerator<BarColumns, void, undefined> {
  let left = rows;
  for await (const chunk of chunks) {
    if (left === 0) yield chunk;
    else if (chunk.length > left) {
      yield withoutFirst(chunk, left);
      left = 0;
    } else left -= chunk.length;
  }
}

function withoutFirst(chunk: BarColumns, rows: number): BarColumns {
  const cut = (column: Float64Array): Float64Array => column.subarray(rows, chunk.length);
  const side = (columns: BarColumns['price']): BarColumns['price'] => ({
    open: cut(columns.open),
    high: cut(columns.high),
    low: cut(columns.low),
    close: cut(columns.close),
  });
  const { bid, ask, actions } = chunk;
  const before = chunk.ts[rows - 1] ?? Number.NEGATIVE_INFINITY;
  const rest = actions?.filter((action) => action.ts >= before) ?? [];
  return {
    length: chunk.length - rows,
    ts: cut(chunk.ts),
    volume: cut(chunk.volume),
    price: side(chunk.price),
    ...(bid === undefined || ask === undefined ? {} : { bid: side(bid), ask: side(ask) }),
    ...(rest.length > 0 ? { actions: rest } : {}),
  };
}
