import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FxError } from '../../core/base/errors.js';
import { closeOfDate } from '../../core/model/calendar/sessions.js';
import { replaceFile } from '../../core/state/atomic.js';
import { ensureDir } from '../../core/state/write.js';
import { type StagedFile, stageChunks } from '../../core/state/write-chunks.js';
import { type ColumnFile, openColumnFile, writeThrough } from '../../feeds/cache/cached-source.js';
import { openBytes } from '../../feeds/csv/bytes.js';
import { type CheckOptions, type CheckReport, importFile } from '../../feeds/csv/check.js';
import { fixingsOf } from '../../feeds/ecb/ecb.js';
import { openNews } from '../../feeds/news/open-news.js';
import { openRates } from '../../feeds/rates/open-rates.js';
import {
  isStoredPrices,
  type StoredKind,
  storedFixings,
  storedFolder,
  storedName,
  storedPath,
} from '../stored/names.js';
import { wholeRecord } from './many.js';
import { dropPullRecord, readPullRecord, requireFreeName } from './pull-store.js';

/** One line of `data list`. */
export interface StoredData {
  readonly name: string;
  readonly kind: StoredKind;
  readonly path: string;
  readonly bytes: number;
  /** Instrument of prices, currencies of rates. */
  readonly holds: readonly string[];
  readonly rows: number | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly timeframeMs: number | null;
  readonly sha256: string | null;
  readonly usable: boolean;
  /** Where it was pulled from and when it was last asked for; null for what was imported. */
  readonly pulled: { readonly feed: string; readonly at: string; readonly revisions: number } | null;
}

/** What is stored, by name. */
export async function listStored(home: string): Promise<readonly StoredData[]> {
  const folder = storedFolder(home);
  if (!existsSync(folder)) return [];
  const found: StoredData[] = [];
  for (const file of readdirSync(folder).sort()) {
    const stored = storedName(file);
    if (stored === undefined) continue;
    const path = join(folder, file);
    const record = readPullRecord(home, stored.name);
    const pulled =
      record === undefined ? null : { feed: record.feed, at: record.pulledAt, revisions: record.revisions.length };
    const bare = { ...stored, path, bytes: statSync(path).size, pulled };
    if (stored.kind === 'rates') found.push(await ratesLine(bare));
    else if (stored.kind === 'news') found.push(await newsLine(bare));
    else found.push(isStoredPrices(path) ? await pricesLine(bare) : await textLine(home, bare));
  }
  return found;
}

type Bare = Pick<StoredData, 'name' | 'kind' | 'path' | 'bytes' | 'pulled'>;
const UNKNOWN = { holds: [], rows: null, from: null, to: null, timeframeMs: null, sha256: null, usable: false };

async function pricesLine(bare: Bare): Promise<StoredData> {
  const file = await openColumnFile(bare.path);
  if (file === undefined) return { ...bare, ...UNKNOWN };
  const { info, rows, extra } = file.trailer;
  const span = storedReport(extra)?.span;
  return {
    ...bare,
    holds: [info.instrument],
    rows,
    from: span === undefined ? null : new Date(span.from).toISOString(),
    to: span === undefined ? null : new Date(span.to).toISOString(),
    timeframeMs: info.timeframeMs,
    sha256: typeof extra['sha256'] === 'string' ? extra['sha256'] : null,
    usable: true,
  };
}

async function textLine(home: string, bare: Bare): Promise<StoredData> {
  const text = readFileSync(bare.path, 'utf8');
  const whole = wholeRecord(home, bare.name, text);
  if (whole === undefined) return fixingsLine(bare, text);
  const { version: _, ...known } = whole;
  return { ...bare, ...known, usable: true };
}

function fixingsLine(bare: Bare, text: string): StoredData {
  try {
    const { currencies, days } = fixingsOf(text, (why) => new FxError('DATA.DAMAGED', { message: why, next: '' }));
    const dates = [...days.keys()].sort();
    const close = (date: string | undefined): string | null =>
      date === undefined ? null : new Date(closeOfDate(Date.parse(date), 'fx')).toISOString();
    return {
      ...bare,
      holds: ['EUR', ...currencies],
      rows: dates.length,
      from: close(dates[0]),
      to: close(dates.at(-1)),
      timeframeMs: 86_400_000,
      sha256: createHash('sha256').update(text).digest('hex'),
      usable: true,
    };
  } catch (error) {
    if (error instanceof FxError) return { ...bare, ...UNKNOWN };
    throw error;
  }
}

async function ratesLine(bare: Bare): Promise<StoredData> {
  try {
    const rates = await openRates([bare.path], { closeOfDate });
    const times = rates.series.flatMap(({ knownAt }) => [...knownAt]);
    const [from, to] = [times.reduce((a, b) => Math.min(a, b), Infinity), times.reduce((a, b) => Math.max(a, b), 0)];
    return {
      ...bare,
      holds: rates.series.map(({ currency }) => currency),
      rows: times.length,
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      timeframeMs: null,
      sha256: await rates.hash(),
      usable: true,
    };
  } catch (error) {
    if (error instanceof FxError) return { ...bare, ...UNKNOWN };
    throw error;
  }
}

async function newsLine(bare: Bare): Promise<StoredData> {
  try {
    const { headlines, hash } = await openNews(bare.path);
    const iso = (ts: number | undefined): string | null => (ts === undefined ? null : new Date(ts).toISOString());
    return {
      ...bare,
      holds: [...new Set(headlines.flatMap(({ subjects }) => subjects.map(({ code }) => code)))].sort(),
      rows: headlines.length,
      from: iso(headlines[0]?.knownAt),
      to: iso(headlines.at(-1)?.knownAt),
      timeframeMs: null,
      sha256: hash,
      usable: true,
    };
  } catch (error) {
    if (error instanceof FxError) return { ...bare, ...UNKNOWN };
    throw error;
  }
}

/** Reads a file of prices leniently and stores what is good of it; nothing is stored when nothing is. */
export async function storePrices(
  home: string,
  name: string,
  path: string,
  options: CheckOptions,
  signal: AbortSignal,
): Promise<{ readonly report: CheckReport; readonly stored: string }> {
  const target = storedPath(home, name, 'prices');
  requireFreeName(home, name, storedFixings(home, name));
  const { bars, report } = await importFile(path, options);
  let failed: unknown;
  let staged: StagedFile | undefined;
  const write = async (to: string, chunks: AsyncIterable<Uint8Array>): Promise<void> => {
    try {
      staged = await stageChunks(to, chunks);
    } catch (error) {
      failed = error;
    }
  };
  const extra = async () => ({ sha256: await hashOf(path, options, report), report: JSON.stringify(report) });
  for await (const _ of writeThrough(bars, { path: target, key: 'import', write, extra }, signal));
  if (failed !== undefined) throw failed;
  if (report.rowsKept > 0 && staged !== undefined) {
    staged.commit();
    dropPullRecord(home, name);
    return { report, stored: target };
  }
  staged?.drop();
  const [bad] = report.badRows;
  const first = bad === undefined ? '' : `; line ${bad.line}: ${bad.reason}`;
  throw new FxError('DATA.EMPTY', {
    message: `${path}: none of its ${report.rows} rows can be used${first}`,
    next: `nothing was stored; look at it with: fxtrade data check ${path}`,
    facts: { file: path, rows: report.rows, badRows: report.badRowCount },
  });
}

/** The file's own hash where every row was taken as it stands, else one of the file and of how it was read. */
async function hashOf(path: string, options: CheckOptions, report: CheckReport): Promise<string> {
  const sha = await (await openBytes(path)).sha256();
  const { format, timeLabel, timeZone, priceScale } = options;
  const read = JSON.stringify({ format, timeLabel, timeZone, priceScale, left: report.badRowCount || undefined });
  return read === '{}' ? sha : createHash('sha256').update(`${sha}\n${read}`).digest('hex');
}

/** Stores a file of rates as it is, after it was read whole. */
export async function storeRates(home: string, name: string, path: string): Promise<string> {
  const target = storedPath(home, name, 'rates');
  ensureDir(storedFolder(home));
  replaceFile(target, readFileSync(path));
  dropPullRecord(home, name);
  return target;
}

/** The report that was made when the prices were imported. */
export function storedReport(extra: ColumnFile['trailer']['extra']): CheckReport | undefined {
  const text = extra['report'];
  return typeof text === 'string' ? (JSON.parse(text) as CheckReport) : undefined;
}
