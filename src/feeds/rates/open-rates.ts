import { createHash } from 'node:crypto';
import type { RateSeries } from '../../core/model/market.js';
import { readWhole } from '../files/whole-file.js';
import { type MonthlyRate, parseRates, type RateOptions } from './rate-file.js';

const ADVICE = {
  absent: 'check the path and its permissions; relative paths start at the working folder',
  binary: 'give the csv or csv.gz of the vendor',
};

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
    const { text, hash } = await readWhole(path, ADVICE);
    digests.push(hash);
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
