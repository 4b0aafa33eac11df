import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { FxError } from '../../core/base/errors.js';
import type { RateSeries } from '../../core/model/market.js';
import { type MonthlyRate, parseRates, type RateOptions } from './rate-file.js';

/** The longest text of rates that is read: the whole BIS collection is a tenth of it. */
const LIMIT_BYTES = 512 * 1024 * 1024;

/** Rows of `data simulate` name their source in the last column; its first rows show it. */
const SIMULATED_SOURCE = /,simulated\r?$/m;
const HEAD_CHARS = 4096;

/** Interest rates of some files together. */
export interface OpenedRates {
  /** By currency A–Z; of two files with one currency the first one's. */
  readonly series: readonly RateSeries[];
  readonly monthly: ReadonlyMap<string, readonly MonthlyRate[]>;
  readonly notes: readonly string[];
  /** The source of some is the simulated market. */
  readonly simulated: boolean;
  /** Sha256 (hex) of the file; of several files, of their digests in the order given. */
  hash(): Promise<string>;
}

/** Reads files of interest rates (csv or csv.gz) whole: they are small. Throws DATA.* as `parseRates`. */
export async function openRates(paths: readonly string[], options: Omit<RateOptions, 'path'>): Promise<OpenedRates> {
  const series = new Map<string, RateSeries>();
  const monthly = new Map<string, readonly MonthlyRate[]>();
  const notes: string[] = [];
  const digests: string[] = [];
  let simulated = false;
  for (const path of paths) {
    const bytes = await readWhole(path);
    digests.push(createHash('sha256').update(bytes).digest('hex'));
    const text = textOf(path, bytes);
    simulated ||= SIMULATED_SOURCE.test(text.slice(0, HEAD_CHARS));
    const file = parseRates(text, { ...options, path });
    notes.push(...file.notes);
    for (const one of file.series) {
      if (series.has(one.currency)) notes.push(`${path}: ${one.currency} is taken from the file before it`);
      else series.set(one.currency, one);
    }
    for (const [currency, values] of file.monthly) if (!monthly.has(currency)) monthly.set(currency, values);
  }
  const [only = ''] = digests;
  const digest = digests.length === 1 ? only : createHash('sha256').update(digests.join('\n')).digest('hex');
  const sorted = [...series.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1));
  return { series: sorted, monthly, notes, simulated, hash: () => Promise.resolve(digest) };
}

async function readWhole(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const absent = (cause as { code?: unknown }).code === 'ENOENT';
    throw new FxError(absent ? 'DATA.MISSING_FILE' : 'DATA.UNREADABLE', {
      message: absent ? `${path}: there is no such file` : `${path}: cannot be read: ${String(cause)}`,
      next: 'check the path and its permissions; relative paths start at the working folder',
      facts: { file: path },
      cause,
    });
  }
}

function textOf(path: string, bytes: Buffer): string {
  let text = bytes;
  try {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) text = gunzipSync(bytes, { maxOutputLength: LIMIT_BYTES });
  } catch (cause) {
    throw new FxError('DATA.UNREADABLE', {
      message: `${path}: cannot be read: it is damaged, cut short or too large`,
      next: 'fetch it again',
      facts: { file: path },
      cause,
    });
  }
  if (!text.subarray(0, 65_536).includes(0)) return text.toString('utf8');
  throw new FxError('DATA.BINARY', {
    message: `${path}: this is not text (it holds zero bytes)`,
    next: 'give the csv or csv.gz of the vendor',
    facts: { file: path },
  });
}
