import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { createGunzip, createInflateRaw } from 'node:zlib';
import { FxError } from '../../core/base/errors.js';

const BLOCK = 256 * 1024;
const SAMPLE = 64 * 1024;

/** The text of a file, unpacked while it is read: plain, `.gz`, or a `.zip` with one csv. */
export interface FileBytes {
  readonly path: string;
  /** Name of the text: of the file, or of the csv inside a zip. */
  readonly name: string;
  readonly size: number;
  readonly mtimeMs: number;
  /** Blocks of the text in order. A block may be reused for the next one. */
  blocks(): AsyncGenerator<Uint8Array, void, undefined>;
  /** First 64 KiB of the text, whole lines unless the file ends. `complete`: it is the whole text. */
  sample(): Promise<{ readonly bytes: Uint8Array; readonly complete: boolean }>;
  /** Sha256 (hex) of the bytes on disk. Free after one whole reading of `blocks`, else a pass of its own. */
  sha256(): Promise<string>;
}

/** Opens a file for reading. Throws DATA.MISSING_FILE, DATA.UNREADABLE, DATA.EMPTY or DATA.BINARY. */
export async function openBytes(path: string): Promise<FileBytes> {
  const info = await stat(path).catch((cause: unknown) => missing(path, cause));
  if (!info.isFile()) throw unreadable(path, 'it is not a file');
  if (info.size === 0) throw emptyFile(path);
  const head = await readHead(path);
  const packing = packingOf(head);
  const entry = packing === 'zip' ? await zipEntry(path, info.size) : undefined;
  let digest: string | undefined;
  const known = (hex: string): void => {
    digest = hex;
  };
  const raw = (hash?: Hash): AsyncGenerator<Uint8Array, void, undefined> => rawBlocks(path, 0, info.size, hash, known);
  const blocks = (): AsyncGenerator<Uint8Array, void, undefined> => {
    if (entry !== undefined)
      return unpacked(path, rawBlocks(path, entry.start, entry.size), entry.stored ? 'plain' : 'zip');
    return unpacked(path, raw(digest === undefined ? createHash('sha256') : undefined), packing);
  };
  return {
    path,
    name: entry?.name ?? basename(path),
    size: info.size,
    mtimeMs: info.mtimeMs,
    blocks,
    sample: () => sampleOf(path, blocks()),
    async sha256() {
      if (digest === undefined) for await (const _ of raw(createHash('sha256')));
      return digest ?? '';
    },
  };
}

type Packing = 'plain' | 'gz' | 'zip';

function packingOf(head: Uint8Array): Packing {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gz';
  return head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 ? 'zip' : 'plain';
}

async function openFile(path: string): Promise<FileHandle> {
  return open(path, 'r').catch((cause: unknown) => missing(path, cause));
}

async function readHead(path: string): Promise<Uint8Array> {
  const file = await openFile(path);
  try {
    const head = Buffer.alloc(4);
    const { bytesRead } = await file.read(head, 0, 4, 0);
    return head.subarray(0, bytesRead);
  } catch (cause) {
    throw unreadable(path, String(cause), cause);
  } finally {
    await file.close();
  }
}

/**
 * Bytes of the file as they are, `size` of them from `start`; `known` gets the digest when the end was reached. The next
 * block is read while the taker works on this one.
 */
async function* rawBlocks(
  path: string,
  start: number,
  size: number,
  hash?: Hash,
  known?: (hex: string) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const file = await openFile(path);
  const end = start + size;
  const read = (buffer: Buffer, at: number): Promise<number> => {
    const bytes = file.read(buffer, 0, Math.min(BLOCK, end - at), at).then(({ bytesRead }) => bytesRead);
    // Who awaits it hears of a failure; until then it is not one that nobody saw.
    bytes.catch(() => undefined);
    return bytes;
  };
  let [buffer, other] = [Buffer.allocUnsafe(Math.min(BLOCK, size)), Buffer.allocUnsafe(Math.min(BLOCK, size))];
  let ahead = read(buffer, start);
  try {
    for (let at = start; at < end; ) {
      const bytesRead = await ahead;
      if (bytesRead === 0) break;
      at += bytesRead;
      const block = buffer.subarray(0, bytesRead);
      [buffer, other] = [other, buffer];
      if (at < end) ahead = read(buffer, at);
      hash?.update(block);
      yield block;
    }
    if (hash !== undefined) known?.(hash.digest('hex'));
  } finally {
    await ahead.catch(() => undefined);
    await file.close();
  }
}

async function* unpacked(
  path: string,
  raw: AsyncGenerator<Uint8Array, void, undefined>,
  packing: Packing,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (packing === 'plain') {
    yield* raw;
    return;
  }
  const inflate = packing === 'gz' ? createGunzip({ chunkSize: BLOCK }) : createInflateRaw({ chunkSize: BLOCK });
  // zlib reads behind our back, so it must own what it is given: blocks are reused.
  const source = Readable.from(copies(raw), { objectMode: false, highWaterMark: BLOCK });
  pipeline(source, inflate, () => undefined);
  try {
    for await (const block of inflate) yield block as Uint8Array;
  } catch (cause) {
    if (cause instanceof FxError) throw cause;
    throw unreadable(
      path,
      `it is damaged or cut short (${cause instanceof Error ? cause.message : String(cause)})`,
      cause,
    );
  } finally {
    inflate.destroy();
    source.destroy();
  }
}

async function* copies(raw: AsyncGenerator<Uint8Array, void, undefined>): AsyncGenerator<Buffer, void, undefined> {
  for await (const block of raw) yield Buffer.from(block);
}

async function sampleOf(
  path: string,
  blocks: AsyncGenerator<Uint8Array, void, undefined>,
): Promise<{ bytes: Uint8Array; complete: boolean }> {
  const parts: Uint8Array[] = [];
  let size = 0;
  let complete = true;
  for await (const block of blocks) {
    parts.push(Buffer.from(block));
    size += block.length;
    if (size <= SAMPLE) continue;
    complete = false;
    break;
  }
  const bytes = Buffer.concat(parts).subarray(0, complete ? size : SAMPLE);
  if (bytes.includes(0) || (bytes[0] === 0xff && bytes[1] === 0xfe)) throw binary(path);
  if (bytes.toString('latin1').trim() === '') throw emptyFile(path);
  const cut = complete ? bytes.length : bytes.lastIndexOf(0x0a) + 1;
  return { bytes: cut === 0 ? bytes : bytes.subarray(0, cut), complete };
}

interface ZipEntry {
  readonly name: string;
  readonly start: number;
  readonly size: number;
  readonly stored: boolean;
}

/** The one csv in a zip: from its central directory, which knows sizes that local headers may leave out. */
async function zipEntry(path: string, fileSize: number): Promise<ZipEntry> {
  const file = await openFile(path);
  try {
    const tailSize = Math.min(fileSize, 1 << 20);
    const tail = Buffer.alloc(tailSize);
    await file.read(tail, 0, tailSize, fileSize - tailSize);
    const end = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
    if (end < 0) throw unreadable(path, 'the zip has no directory: it is damaged or cut short');
    const directory = tail.readUInt32LE(end + 16) - (fileSize - tailSize);
    if (directory < 0) throw unreadable(path, 'the zip has too many entries; unpack it');
    const entries = zipDirectory(tail, directory, tail.readUInt16LE(end + 10));
    const texts = entries.filter((entry) => /\.csv$/i.test(entry.name));
    const [chosen, other] = texts.length > 0 ? texts : entries.filter((entry) => /\.txt$/i.test(entry.name));
    if (chosen === undefined || other !== undefined) {
      throw new FxError('DATA.FORMAT', {
        message: `${path}: a zip must hold one csv, this one holds ${other === undefined ? 'none' : texts.length}`,
        next: 'unpack it and name the csv',
        facts: { file: path, entries: entries.map((entry) => entry.name).slice(0, 20) },
      });
    }
    const local = Buffer.alloc(30);
    await file.read(local, 0, 30, chosen.start);
    const start = chosen.start + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
    return { ...chosen, start };
  } finally {
    await file.close();
  }
}

function zipDirectory(tail: Buffer, from: number, count: number): ZipEntry[] {
  const entries: ZipEntry[] = [];
  let at = from;
  for (let i = 0; i < count && at + 46 <= tail.length; i++) {
    const nameLength = tail.readUInt16LE(at + 28);
    entries.push({
      name: tail.toString('utf8', at + 46, at + 46 + nameLength),
      start: tail.readUInt32LE(at + 42),
      size: tail.readUInt32LE(at + 20),
      stored: tail.readUInt16LE(at + 10) === 0,
    });
    at += 46 + nameLength + tail.readUInt16LE(at + 30) + tail.readUInt16LE(at + 32);
  }
  return entries;
}

function missing(path: string, cause: unknown): never {
  const code = (cause as { code?: unknown } | null)?.code;
  if (code !== 'ENOENT' && code !== 'ENOTDIR') throw unreadable(path, String(code ?? cause), cause);
  throw new FxError('DATA.MISSING_FILE', {
    message: `${path}: there is no such file`,
    next: 'check the path; relative paths start at the working folder',
    facts: { file: path },
    cause,
  });
}

function unreadable(path: string, why: string, cause?: unknown): FxError {
  return new FxError('DATA.UNREADABLE', {
    message: `${path}: cannot be read: ${why}`,
    next: 'check the file and its permissions, or fetch it again',
    facts: { file: path },
    ...(cause === undefined ? {} : { cause }),
  });
}

function emptyFile(path: string): FxError {
  return new FxError('DATA.EMPTY', {
    message: `${path}: the file is empty`,
    next: 'fetch it again, or name another file',
    facts: { file: path },
  });
}

function binary(path: string): FxError {
  return new FxError('DATA.BINARY', {
    message: `${path}: this is not text (it holds zero bytes)`,
    next: 'export it as csv in UTF-8; .csv, .csv.gz and .zip with one csv are read',
    facts: { file: path },
  });
}
