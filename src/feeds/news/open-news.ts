import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { FxError } from '../../core/base/errors.js';
import type { Headline } from '../../core/sentiment/headline.js';
import { newsOf } from './news-file.js';

/** The longest text of news that is read, bytes: a million headlines or so. */
const LIMIT_BYTES = 512 * 1024 * 1024;

export interface OpenedNews {
  /** Ordered by when they were known. */
  readonly headlines: readonly Headline[];
  /** Sha256 (hex) of the file. */
  readonly hash: string;
}

/** Reads a file of headlines (or one packed with gzip) whole. Throws `DATA.*`. */
export async function openNews(path: string): Promise<OpenedNews> {
  const bytes = await readWhole(path);
  return { headlines: newsOf(textOf(path, bytes), path), hash: createHash('sha256').update(bytes).digest('hex') };
}

async function readWhole(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const absent = (cause as { code?: unknown }).code === 'ENOENT';
    throw new FxError(absent ? 'DATA.MISSING_FILE' : 'DATA.UNREADABLE', {
      message: absent ? `${path}: there is no such file` : `${path}: cannot be read: ${String(cause)}`,
      next: 'check the path and its permissions; fxtrade data pull stores news under a name, data list shows it',
      facts: { file: path },
      cause,
    });
  }
}

function textOf(path: string, bytes: Buffer): string {
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  try {
    const text = isPacked ? gunzipSync(bytes, { maxOutputLength: LIMIT_BYTES }) : bytes;
    if (!text.subarray(0, 65_536).includes(0)) return text.toString('utf8').replace(/^\uFEFF/, '');
  } catch (cause) {
    throw new FxError('DATA.UNREADABLE', {
      message: `${path}: cannot be read: it is damaged, cut short or too large`,
      next: 'fetch it again',
      facts: { file: path },
      cause,
    });
  }
  throw new FxError('DATA.BINARY', {
    message: `${path}: this is not text (it holds zero bytes)`,
    next: 'give a file of headlines, one JSON object a line; docs/sentiment.md describes it',
    facts: { file: path },
  });
}
