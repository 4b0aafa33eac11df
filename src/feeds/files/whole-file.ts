import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { FxError } from '../../core/base/errors.js';

/** The longest text that is read at once, bytes: ten times the whole BIS collection, or a million headlines. */
const LIMIT_BYTES = 512 * 1024 * 1024;
const HEAD_BYTES = 65_536;

export interface WholeFile {
  readonly text: string;
  /** Sha256 (hex) of the file as it is on disk. */
  readonly hash: string;
}

/** What to do where a file is not there, and where it holds no text. */
export interface Advice {
  readonly absent: string;
  readonly binary: string;
}

/** Reads a file of text, or one packed with gzip, whole. Throws `DATA.MISSING_FILE`, `DATA.UNREADABLE` or `DATA.BINARY`. */
export async function readWhole(path: string, advice: Advice): Promise<WholeFile> {
  const bytes = await bytesOf(path, advice);
  return { text: textOf(path, bytes, advice), hash: createHash('sha256').update(bytes).digest('hex') };
}

async function bytesOf(path: string, { absent: next }: Advice): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const absent = (cause as { code?: unknown }).code === 'ENOENT';
    throw new FxError(absent ? 'DATA.MISSING_FILE' : 'DATA.UNREADABLE', {
      message: absent ? `${path}: there is no such file` : `${path}: cannot be read: ${String(cause)}`,
      next,
      facts: { file: path },
      cause,
    });
  }
}

function textOf(path: string, bytes: Buffer, { binary: next }: Advice): string {
  const facts = { file: path };
  let text = bytes;
  try {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) text = gunzipSync(bytes, { maxOutputLength: LIMIT_BYTES });
    if (!text.subarray(0, HEAD_BYTES).includes(0)) return text.toString('utf8').replace(/^\uFEFF/, '');
  } catch (cause) {
    const message = `${path}: cannot be read: it is damaged, cut short or too large`;
    throw new FxError('DATA.UNREADABLE', { message, next: 'fetch it again', facts, cause });
  }
  throw new FxError('DATA.BINARY', { message: `${path}: this is not text (it holds zero bytes)`, next, facts });
}
